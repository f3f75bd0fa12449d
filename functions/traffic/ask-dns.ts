import type { RecordValue, TrafficRecord } from "../core/model/plan.ts";
import {
  type Changed,
  changesOf,
  type DnsReply,
  nameServersMax,
  publicResolvers,
  zonesAbove,
} from "../core/traffic/dns.ts";
import type { Context, RecordType } from "../runtime/context.ts";

const querySeconds = 2;
type Question = { name: string; type: RecordType };

/**
 * Asks every name server of each record's zone, found by walking up the NS records. A resolver that is asked for the NS records of
 * a CNAME follows it, and names the servers of the target's zone, which refuse the name: then the zone is further up.
 */
export const askZones = async (context: Context, records: TrafficRecord[]): Promise<DnsReply[]> =>
  (await Promise.all(records.map((record) => askZoneOf(context, record)))).flat();

const askZoneOf = async (context: Context, record: TrafficRecord): Promise<DnsReply[]> => {
  let refused: DnsReply[] = [];
  for (const zone of zonesAbove(record.name)) {
    const servers = await nameServersOf(context, zone);
    const answers = await askAll(context, [record], () => servers);
    if (answers.some(({ error }) => error !== "EREFUSED")) return answers;
    refused = [...refused, ...answers];
  }
  return refused;
};

const nameServersOf = async ({ net }: Context, zone: string): Promise<string[]> => {
  const ask = async (question: Question) => {
    const answer = await net.resolve({ ...question, server: null, timeoutSeconds: querySeconds });
    return "values" in answer ? answer.values : [];
  };
  const hosts = (await ask({ name: zone, type: "NS" })).slice(0, nameServersMax);
  const addresses = await Promise.all(hosts.map((host) => ask({ name: host, type: "A" })));
  return addresses.flatMap((found) => found.slice(0, 1));
};

/** Asks each record of its servers, all at once. A server that does not answer gives a reply with `null` values. */
export const askAll = async (
  { net }: Context,
  records: TrafficRecord[],
  serversOf: (record: TrafficRecord) => string[],
) => {
  const questions = records.flatMap((record) => serversOf(record).map((server) => ({ record, server })));
  const ask = async ({ record: { name, type }, server }: (typeof questions)[number]): Promise<DnsReply> => {
    const answer = await net.resolve({ name, type, server, timeoutSeconds: querySeconds });
    if ("error" in answer) return { server, name, type, values: null, error: answer.error };
    return { server, name, type, values: answer.values, error: null };
  };
  return Promise.all(questions.map(ask));
};

/** Addresses behind the names of load balancers, as the system's and the public resolvers give them; unknown ones are left out. */
export const resolveAll = async ({ net }: Context, questions: Question[]): Promise<Record<string, string[]>> => {
  const resolved: Record<string, string[]> = {};
  const find = async (question: Question) => {
    const asked = [null, ...publicResolvers].map((server) =>
      net.resolve({ ...question, server, timeoutSeconds: querySeconds }),
    );
    const found = (await Promise.all(asked)).flatMap((answer) => ("values" in answer ? answer.values : []));
    if (found.length > 0) resolved[question.name] = [...new Set([...(resolved[question.name] ?? []), ...found])].sort();
  };
  await Promise.all(questions.map(find));
  return resolved;
};

/**
 * Where a side of these records answers, as something to connect to: addresses of IPv4, or host names; of IPv6 only where
 * there are no others, since a Lambda outside a VPC has no way there. `changes`: what Reroute wrote for launched servers.
 */
export const sideAddresses = async (
  context: Context,
  records: TrafficRecord[],
  side: "primary" | "recovery",
  changes: Changed[],
): Promise<string[]> => {
  const of = async (record: TrafficRecord): Promise<string[]> => {
    const value: RecordValue = record[side];
    if ("addresses" in value) return value.addresses;
    if ("alias" in value) {
      const { name } = value.alias;
      return (await resolveAll(context, [{ name, type: record.type }]))[name] ?? [];
    }
    return changesOf(record, changes).find(({ set }) => set === record.setIdentifiers[side])?.after ?? [];
  };
  const found = async (type: (one: TrafficRecord) => boolean) =>
    (await Promise.all(records.filter(type).map(of))).flat();
  const first = await found(({ type }) => type !== "AAAA");
  return [...new Set(first.length > 0 ? first : await found(({ type }) => type === "AAAA"))].sort();
};
