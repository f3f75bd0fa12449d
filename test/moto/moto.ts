import { type Clients, createClients } from "../../functions/aws/calls/clients.ts";

/** One moto for each worker of vitest: a reset of one file's world is not felt by another file. */
const port = (name: string) => {
  const value = Number(process.env[name]?.split(",")[Number(process.env.VITEST_POOL_ID) - 1]);
  if (value > 0) return value;
  throw new Error(`environment variable ${name}: expected a port per worker; start this suite by npm run test:moto`);
};

/** Where run.ts has started moto, and where moto's Step Functions looks for Lambda. */
export const motoPort = () => port("LIFEBOAT_MOTO_PORTS");
export const routerPort = () => port("LIFEBOAT_ROUTER_PORTS");

/** What every client needs to talk to an AWS at this port of the loopback interface. */
export const clientDefaults = (at: number) => ({
  endpoint: `http://127.0.0.1:${at}`,
  credentials: { accessKeyId: "moto", secretAccessKey: "moto" },
  /** Buckets are no host names here. */
  forcePathStyle: true,
});

export const motoClients = (): Clients => createClients([], clientDefaults(motoPort()));

const post = async (path: string, body?: unknown) => {
  const answer = await fetch(`http://127.0.0.1:${motoPort()}/moto-api/${path}`, {
    method: "POST",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`moto: POST /moto-api/${path}: HTTP ${answer.status}`);
};

/** Forgets every resource of every account. */
export const reset = () => post("reset");

/** Without it, moto reports executions as SUCCEEDED that it never ran. */
export const runStateMachines = () => post("config", { stepfunctions: { execute_state_machine: true } });
