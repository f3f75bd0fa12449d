import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment, keep, motoFolder, running, startMoto } from "../moto/processes.ts";
import type { Ports } from "./gateway.ts";

export type E2ePorts = Ports & { world: number };

/** The one account; ministack takes twelve digits as access key for the account itself. */
export const account = "123456789012";
const startSecondsMax = 60;

/** What every process of the test sees: AWS is the gateway, whoever asks. */
export const awsAt = (gateway: number) => ({
  AWS_ENDPOINT_URL: `http://127.0.0.1:${gateway}`,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: "e2e",
  AWS_EC2_METADATA_DISABLED: "true",
});

/**
 * Starts ministack, with launcher.py around it, and moto; what ministack prints goes to `<folder>/ministack.log`. Its functions run
 * in the Node that runs this, with lambda-hook.ts before each bundle.
 */
export const startEmulators = async (folder: string, ports: E2ePorts) => {
  const temporary = join(folder, "functions");
  mkdirSync(temporary, { recursive: true });
  // its workers are .js files of the kind that this says, wherever the folder is
  writeFileSync(join(temporary, "package.json"), '{ "type": "commonjs" }\n');
  await startMoto("moto_server", [], ports.moto);
  await wake(ports.moto);
  const log = createWriteStream(join(folder, "ministack.log"));
  const ministack = spawn(`${motoFolder}/bin/python`, [fileURLToPath(new URL("launcher.py", import.meta.url))], {
    cwd: temporary,
    // a group of its own: its functions are its children
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment({
      ...awsAt(ports.gateway),
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      NODE_OPTIONS: `--import=${new URL("lambda-hook.ts", import.meta.url)}`,
      TMPDIR: temporary,
      S3_DATA_DIR: join(folder, "s3"),
      STATE_DIR: join(folder, "state"),
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(ports.ministack),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_HOST: "127.0.0.1",
      LAMBDA_EXECUTOR: "local",
      // what else would listen, and on every interface
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
      DOCKER_HOST: `unix://${join(folder, "no-docker.sock")}`,
      E2E_EVENTS_PORT: String(ports.events),
      E2E_WORLD_PORT: String(ports.world),
      E2E_FUNCTIONS_LOG: join(folder, "functions.log"),
    }),
  });
  keep(ministack);
  for (const stream of [ministack.stdout, ministack.stderr]) stream.pipe(log, { end: false });
  for (const until = Date.now() + startSecondsMax * 1_000; Date.now() < until && running.has(ministack); ) {
    if (await isOpen(ports.ministack)) return ministack;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`ministack did not listen within ${startSecondsMax} s: see ${folder}/ministack.log`);
};

/** moto loads its EC2 at the first call of it, which takes longer than a client waits on a busy machine. */
const wake = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: {
      authorization:
        "AWS4-HMAC-SHA256 Credential=e2e/20260101/us-west-2/ec2/aws4_request, SignedHeaders=host, Signature=0",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "Action=DescribeVpcs&Version=2016-11-15",
    signal: AbortSignal.timeout(startSecondsMax * 1_000),
  });

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/** Ends it and every function that it started. */
export const endGroup = ({ pid, exitCode, signalCode }: ChildProcess) => {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
};
