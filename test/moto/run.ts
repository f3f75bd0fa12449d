import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { makeVirtualEnvironment } from "./virtual-environment.ts";
import { workers } from "./workers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}.venv`;
const startSecondsMax = 30;
const suiteSecondsMax = 600;

/** Everything that was started and still runs; stopped whichever way this process ends. */
const running = new Set<ChildProcess>();
const keep = (child: ChildProcess) => {
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.on("error", () => running.delete(child));
};
const stopAll = () => {
  for (const child of running) child.kill("SIGTERM");
};
process.on("exit", stopAll);
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => process.exit(code));

/** Without the user's AWS settings and proxies: nothing leaves the loopback interface. */
const environment = (own: Record<string, string>) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|https?_proxy$)/i.test(name))),
  AWS_ACCESS_KEY_ID: "moto",
  AWS_SECRET_ACCESS_KEY: "moto",
  AWS_EC2_METADATA_DISABLED: "true",
  ...own,
});

/** So many ports of the loopback interface, held until all are found: none is given twice. */
const freePorts = async (count: number) => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

const startMoto = async (port: number, routerPort: number) => {
  const moto = spawn(`${folder}/bin/moto_server`, ["-H", "127.0.0.1", "-p", String(port)], {
    // MOTO_PORT is where moto's Step Functions looks for Lambda: our router
    env: environment({ MOTO_PORT: String(routerPort), MOTO_EC2_LOAD_DEFAULT_AMIS: "false" }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  keep(moto);
  let said = "";
  moto.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  for (const until = Date.now() + startSecondsMax * 1_000; Date.now() < until && running.has(moto); ) {
    if (await isOpen(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`moto did not listen on port ${port} within ${startSecondsMax} s:\n${said}`);
};

const runSuite = async (own: Record<string, string>) => {
  const config = ["--config", "test/moto/vitest.config.ts"];
  const vitest = spawn(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...config, ...process.argv.slice(2)],
    { cwd: root, env: environment(own), stdio: "inherit" },
  );
  keep(vitest);
  const late = setTimeout(() => vitest.kill(), suiteSecondsMax * 1_000);
  const [code] = await once(vitest, "exit");
  clearTimeout(late);
  return code ?? 1;
};

try {
  await makeVirtualEnvironment(folder, keep);
  const ports = await freePorts(2 * workers);
  const [motoPorts, routerPorts] = [ports.slice(0, workers), ports.slice(workers)];
  await Promise.all(motoPorts.map((port, worker) => startMoto(port, routerPorts[worker]!)));
  process.exitCode = await runSuite({
    LIFEBOAT_MOTO_PORTS: motoPorts.join(),
    LIFEBOAT_ROUTER_PORTS: routerPorts.join(),
    LIFEBOAT_CFN_LINT: `${folder}/bin/cfn-lint`,
  });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  const ends = [...running].map((child) => once(child, "exit"));
  stopAll();
  await Promise.all(ends);
}
