import { once } from "node:events";
import { freePorts, keep, motoFolder, running, startMoto, stopAll } from "./processes.ts";
import { atAnyEnd, runSuite } from "./suite.ts";
import { makeVirtualEnvironment } from "./virtual-environment.ts";
import { workers } from "./workers.ts";

const suiteSecondsMax = 600;

atAnyEnd(() => stopAll("SIGTERM"));

if (process.argv.includes("--help")) {
  console.log("Usage: npm run test:moto -- [FILES and options of vitest]");
  console.log("The contract with moto, cfn-lint and a whole flow over HTTP, in a virtual environment of Python.");
  process.exit(0);
}
try {
  await makeVirtualEnvironment(motoFolder, keep);
  const ports = await freePorts(2 * workers);
  const [motoPorts, routerPorts] = [ports.slice(0, workers), ports.slice(workers)];
  // MOTO_PORT is where moto's Step Functions looks for Lambda: our router
  const router = (worker: number) => ({ MOTO_PORT: String(routerPorts[worker]) });
  await Promise.all(motoPorts.map((port, worker) => startMoto("moto_server", [], port, router(worker))));
  const own = {
    LIFEBOAT_MOTO_PORTS: motoPorts.join(),
    LIFEBOAT_ROUTER_PORTS: routerPorts.join(),
    LIFEBOAT_CFN_LINT: `${motoFolder}/bin/cfn-lint`,
    LIFEBOAT_PARLIAMENT: `${motoFolder}/bin/parliament`,
  };
  process.exitCode = await runSuite("test/moto/vitest.config.ts", process.argv.slice(2), own, suiteSecondsMax);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  const ends = [...running].map((child) => once(child, "exit"));
  stopAll("SIGTERM");
  await Promise.all(ends);
}
