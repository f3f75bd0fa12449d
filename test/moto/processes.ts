import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** moto's Python environment. */
export const motoFolder = `${root}.venv`;
const startSecondsMax = 60;

/** Everything that was started and still runs. */
export const running = new Set<ChildProcess>();
export const keep = (child: ChildProcess) => {
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.on("error", () => running.delete(child));
};
export const stopAll = (signal: "SIGTERM" | "SIGKILL") => {
  for (const child of running) child.kill(signal);
};

/** Without the user's AWS settings, proxies and settings of Node: nothing leaves the loopback interface. */
export const environment = (own: Record<string, string>) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|https?_proxy$|NODE_)/i.test(name))),
  AWS_ACCESS_KEY_ID: "moto",
  AWS_SECRET_ACCESS_KEY: "moto",
  AWS_EC2_METADATA_DISABLED: "true",
  ...own,
});

/** So many ports of the loopback interface, held until all are found: none is given twice. */
export const freePorts = async (count: number) => {
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

/** Starts a moto with nothing in it and waits until it listens; `args` come before the port, `own` is its environment. */
export const startMoto = async (command: string, args: string[], port: number, own: Record<string, string> = {}) => {
  const moto = spawn(`${motoFolder}/bin/${command}`, [...args, "-H", "127.0.0.1", "-p", String(port)], {
    cwd: root,
    env: environment({ MOTO_EC2_LOAD_DEFAULT_AMIS: "false", ...own }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  keep(moto);
  let said = "";
  moto.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  for (const until = Date.now() + startSecondsMax * 1_000; Date.now() < until && running.has(moto); ) {
    if (await isOpen(port)) return moto;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`moto did not listen on port ${port} within ${startSecondsMax} s:\n${said}`);
};
