import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { environment, keep, motoFolder, root, startMoto as start, stopAll as stop } from "../test/moto/processes.ts";
import { makeVirtualEnvironment } from "../test/moto/virtual-environment.ts";

export { freePorts, root } from "../test/moto/processes.ts";
/** The peers' Python environment: they pin other versions of moto's packages. */
export const peersFolder = `${root}bench/.venv`;
export const peerPins = ["c7n==0.9.53", "shelvery==0.10.1"];

export const stopAll = () => stop("SIGKILL");

/** Starts a moto with nothing in it; its Python environment is made when it is missing. */
export const startMoto = async (port: number) => {
  await makeVirtualEnvironment(motoFolder, keep);
  const moto = await start("python", ["bench/moto-server.py"], port);
  return {
    stop: async () => {
      const ended = once(moto, "exit");
      moto.kill("SIGKILL");
      await ended;
    },
  };
};

/** Makes the Python environment of the peers, once. */
export const makePeers = () => makeVirtualEnvironment(peersFolder, keep, peerPins, "the peers of the bench");

export type Program = { command: string; args: string[]; environment: Record<string, string>; secondsMax: number };
export type Ended = { code: number | null; said: string; rssMiB: number; seconds: number };

/**
 * Runs a tool to its end and watches how much memory it takes at most, MiB (VmHWM of Linux; 0 where there is none).
 * `started` is given what kills it. Code null = it was killed, or took longer than `secondsMax`.
 */
export const runProgram = async (
  { command, args, environment: own, secondsMax }: Program,
  started: (kill: () => void) => void = () => undefined,
): Promise<Ended> => {
  const startedAt = Date.now();
  const child = spawn(command, args, { cwd: root, env: environment(own), stdio: ["ignore", "pipe", "pipe"] });
  keep(child);
  started(() => child.kill("SIGKILL"));
  let said = "";
  let rssMiB = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-100_000);
    });
  const look = setInterval(() => {
    rssMiB = Math.max(rssMiB, peakOf(child.pid));
  }, 50);
  const late = setTimeout(() => child.kill("SIGKILL"), secondsMax * 1_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(look);
  clearTimeout(late);
  return { code, said, rssMiB, seconds: (Date.now() - startedAt) / 1_000 };
};

const peakOf = (pid: number | undefined): number => {
  try {
    const [, kiB] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kiB ?? 0) / 1_024;
  } catch {
    return 0;
  }
};
