import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { makeVirtualEnvironment } from "../test/moto/virtual-environment.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** moto, and the peers: each with its own Python environment, as they pin different versions of the same packages. */
const motoFolder = `${root}.venv`;
export const peersFolder = `${root}bench/.venv`;
export const peerPins = ["c7n==0.9.53", "shelvery==0.10.1"];
const startSecondsMax = 60;

/** Everything that was started and still runs; stopped whichever way this process ends. */
const running = new Set<ChildProcess>();
const keep = (child: ChildProcess) => {
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.on("error", () => running.delete(child));
};
export const stopAll = () => {
  for (const child of running) child.kill("SIGKILL");
};

/** Without the user's AWS settings and proxies: nothing leaves the loopback interface. */
const environment = (own: Record<string, string>) => ({
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

/** Starts a moto with nothing in it; its Python environment is made when it is missing. */
export const startMoto = async (port: number) => {
  await makeVirtualEnvironment(motoFolder, keep);
  const moto = spawn(`${motoFolder}/bin/python`, ["bench/moto-server.py", "-H", "127.0.0.1", "-p", String(port)], {
    cwd: root,
    env: environment({ MOTO_EC2_LOAD_DEFAULT_AMIS: "false" }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  keep(moto);
  let said = "";
  moto.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  for (const until = Date.now() + startSecondsMax * 1_000; Date.now() < until && running.has(moto); ) {
    if (await isOpen(port))
      return {
        stop: async () => {
          const ended = once(moto, "exit");
          moto.kill("SIGKILL");
          await ended;
        },
      };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`moto did not listen on port ${port} within ${startSecondsMax} s:\n${said}`);
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
