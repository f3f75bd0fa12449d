import { type Clients, createClients, type Watch } from "../aws/calls/clients.ts";
import { createStore, type Store } from "../aws/store/store.ts";
import { createTable, type Table } from "../aws/store/table.ts";

/** Everything that a step may use of the outside. One per container. */
export type Context = {
  clients: Clients;
  table: Table;
  store: Store;
  net: Net;
  log: Log;
  metrics: Metrics;
  settings: Settings;
  now(): Date;
};

/** Where a function lives, and what it may start. */
export type Settings = {
  /** Region of the function itself: that of the controller, except in a sensor. */
  region: string;
  /** Region of the table: the recovery Region. */
  home: string;
  table: string;
  /** Table of user data, with a key of its own; empty in functions that have nothing to do with it. */
  userDataTable: string;
  bucket: string;
  /** ARN (or alias ARN) of the failover machine, which detect starts. */
  failoverMachine: string;
  /** ARN (or alias ARN) of the machine that gives an answer and does nothing else; only the approval page has it. */
  answerMachine: string;
  /** ARN (or alias ARN) of the replicate machine, which wake starts again; empty in the other functions. */
  replicateMachine: string;
  /** Detect's own ARN, and the role with which EventBridge Scheduler invokes it once more; empty in the other functions. */
  detectFunction: string;
  schedulerRole: string;
  /** Address of the approval page; only ask has it, and only where the page is enabled. */
  approvalUrl?: string | undefined;
};

export type Log = {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};
/** The Logger of Powertools keeps these keys to itself and drops a field of the name: what was caught is `because`. */
export type LogFields = Record<string, unknown> & {
  [reserved in "level" | "message" | "sampling_rate" | "service" | "timestamp"]?: never;
};

/** Published in CloudWatch's embedded metric format, namespace Lifeboat. */
export type Metrics = {
  add(name: string, unit: "Seconds" | "Count", value: number, dimensions: Record<string, string>): void;
};

/** HTTP, TCP and DNS probes. Every call ends within its `timeoutSeconds`; no answer is a value, not an error. */
export type Net = {
  /** Opens a connection and closes it. */
  tcp(request: { host: string; port: number; timeoutSeconds: number }): Promise<{ open: true } | { error: string }>;
  /** GET. `connect` replaces the host's address (the Host header and TLS name stay). */
  /** `anyCertificate`: whoever it names, and whoever signed it. */
  http(request: {
    url: string;
    connect: string | null;
    timeoutSeconds: number;
    anyCertificate?: boolean;
  }): Promise<HttpAnswer>;
  /** `server`: IP address of the name server to ask; null = the system's resolver. */
  resolve(question: {
    name: string;
    type: RecordType;
    server: string | null;
    timeoutSeconds: number;
  }): Promise<DnsAnswer>;
};
export type RecordType = "A" | "AAAA" | "CNAME" | "NS" | "TXT";
export type HttpAnswer = { status: number; body: string } | { error: string };
/** Values sorted; `error` is the code of the resolver (ENOTFOUND, ENODATA, ETIMEOUT, ESERVFAIL, ...). */
export type DnsAnswer = { values: string[] } | { error: string };

/** What replaces the outside of a container: the simulator, an emulator's endpoint, or nothing (Lambda itself). */
export type Outside = {
  settings: Settings;
  watches: Watch[];
  clientDefaults: Record<string, unknown>;
  /** In the place of the SDK's own clients. */
  makeClients?(watches: Watch[]): Clients;
  net: Net;
  log: Log;
  metrics: Metrics;
  now(): Date;
};

export const createContext = (outside: Outside): Context => {
  const { settings, watches, clientDefaults, makeClients, net, log, metrics, now } = outside;
  const clients = makeClients?.(watches) ?? createClients(watches, clientDefaults);
  const table = createTable(clients, settings.home, settings.table);
  const secrets = createTable(clients, settings.home, settings.userDataTable);
  return { clients, table, store: createStore(table, secrets), net, log, metrics, settings, now };
};
