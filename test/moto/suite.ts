import { spawn } from "node:child_process";
import { once } from "node:events";
import { environment, keep, root } from "./processes.ts";

/** Calls `stop` whichever way this process ends. */
export const atAnyEnd = (stop: () => void) => {
  process.on("exit", stop);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.on(signal, () => process.exit(code));
};

/** Runs vitest with a configuration of its own; gives its exit code. `own`: what its environment has beside AWS's. */
export const runSuite = async (config: string, args: string[], own: Record<string, string>, secondsMax: number) => {
  const vitest = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--config", config, ...args], {
    cwd: root,
    env: environment(own),
    stdio: "inherit",
  });
  keep(vitest);
  const late = setTimeout(() => vitest.kill(), secondsMax * 1_000);
  const [code] = await once(vitest, "exit");
  clearTimeout(late);
  return code ?? 1;
};
