import { spawn } from "node:child_process";
import { once } from "node:events";
import { environment, freePorts, keep, motoFolder, root, running, startMoto, stopAll } from "./processes.ts";
import { makeVirtualEnvironment } from "./virtual-environment.ts";
import { workers } from "./workers.ts";

const suiteSecondsMax = 600;

/** Whatever was started is stopped whichever way this process ends. */
process.on("exit", () => stopAll("SIGTERM"));
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => process.exit(code));

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
  await makeVirtualEnvironment(motoFolder, keep);
  const ports = await freePorts(2 * workers);
  const [motoPorts, routerPorts] = [ports.slice(0, workers), ports.slice(workers)];
  // MOTO_PORT is where moto's Step Functions looks for Lambda: our router
  const router = (worker: number) => ({ MOTO_PORT: String(routerPorts[worker]) });
  await Promise.all(motoPorts.map((port, worker) => startMoto("moto_server", [], port, router(worker))));
  process.exitCode = await runSuite({
    LIFEBOAT_MOTO_PORTS: motoPorts.join(),
    LIFEBOAT_ROUTER_PORTS: routerPorts.join(),
    LIFEBOAT_CFN_LINT: `${motoFolder}/bin/cfn-lint`,
  });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  const ends = [...running].map((child) => once(child, "exit"));
  stopAll("SIGTERM");
  await Promise.all(ends);
}
