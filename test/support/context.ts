import {
  type Context,
  createContext,
  type DnsAnswer,
  type HttpAnswer,
  type Outside,
} from "../../functions/runtime/context.ts";

export type Told = { logs: string[]; metrics: { name: string; value: number; dimensions: Record<string, string> }[] };

/**
 * The outside for a step under aws-sdk-client-mock: static credentials, a fixed clock, and probes that answer from
 * tables (nothing listed = no answer).
 */
export const anOutside = (
  over: Partial<Outside> & { http?: Record<string, HttpAnswer>; dns?: Record<string, DnsAnswer> } = {},
): Outside & { told: Told } => {
  const logs: string[] = [];
  const metrics: Told["metrics"] = [];
  const log = (message: string, fields?: Record<string, unknown>) => logs.push(`${message} ${JSON.stringify(fields)}`);
  const outside: Outside = {
    settings: {
      region: "eu-central-1",
      home: "eu-central-1",
      table: "lifeboat",

      userDataTable: "lifeboat-user-data",
      bucket: "lifeboat-reports",
      failoverMachine: "arn:failover",
      answerMachine: "arn:answer",
      replicateMachine: "arn:replicate",
      detectFunction: "arn:detect",
      schedulerRole: "arn:scheduler",
    },
    watches: [],
    clientDefaults: { credentials: { accessKeyId: "test", secretAccessKey: "test" } },
    net: {
      http: async ({ url, connect }) =>
        over.http?.[`${url} ${connect ?? ""}`.trim()] ?? over.http?.[url] ?? { error: "ETIMEDOUT" },
      tcp: async () => ({ error: "ECONNREFUSED" }),
      resolve: async ({ name, type, server }) =>
        over.dns?.[`${type} ${name} ${server ?? ""}`.trim()] ?? over.dns?.[`${type} ${name}`] ?? { error: "ENOTFOUND" },
    },
    log: { info: log, warn: log, error: log },
    metrics: { add: (name, _unit, value, dimensions) => metrics.push({ name, value, dimensions }) },
    now: () => new Date("2026-03-02T12:00:00.000Z"),
  };
  const { http: _http, dns: _dns, ...given } = over;
  return { ...outside, ...given, told: { logs, metrics } };
};

export const aContext = (over: Parameters<typeof anOutside>[0] = {}): Context & { told: Told } => {
  const outside = anOutside(over);
  return { ...createContext(outside), told: outside.told };
};
