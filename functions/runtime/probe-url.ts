import { goodInARow } from "../core/good-answer.ts";
import { type Target, urlOf } from "../core/instances/launch/verify.ts";
import type { Probe } from "../core/model/plan.ts";
import { withoutQuery } from "../core/plain.ts";
import { isGoodAnswer } from "../core/traffic/canary.ts";
import type { Context } from "./context.ts";

const getSeconds = 3;

/**
 * Asks a URL until three answers in a row are good (2xx or 3xx), or one is not. `servedAt` is the time of the first
 * answer, null when they were not all good. `connects` are taken in turn; null = the URL's own host. `probe` may say otherwise what is good.
 */
export const goodAnswersInARow = async (
  { net, now }: Context,
  url: string,
  connects: (string | null)[],
  probe: Pick<Probe, "expect" | "contains"> = { expect: [], contains: null },
): Promise<{ servedAt: Date | null; because: string }> => {
  let servedAt: Date | null = null;
  for (let nth = 0; nth < goodInARow; nth++) {
    const connect = connects[nth % connects.length] ?? null;
    const answer = await net.http({ url, connect, timeoutSeconds: getSeconds });
    const through = connect ? `${withoutQuery(url)} at ${connect}` : withoutQuery(url);
    if ("error" in answer) return { servedAt: null, because: `${through}: no answer (${answer.error})` };
    if (!isGoodAnswer(probe, answer)) return { servedAt: null, because: `${through}: HTTP ${answer.status}` };
    servedAt ??= now();
  }
  return { servedAt, because: `${goodInARow} good answers in a row from ${withoutQuery(url)}` };
};

/** The same for what a plan's `verify` asks of a server, at its address. */
export const goodTarget = async (context: Context, target: Target, address: string) => {
  const url = urlOf(target, address);
  if (target.path !== null) {
    // the certificate of a server names what its users call it, not its address
    const net = {
      ...context.net,
      http: (request: Parameters<typeof context.net.http>[0]) => context.net.http({ ...request, anyCertificate: true }),
    };
    return goodAnswersInARow(target.protocol === "https" ? { ...context, net } : context, url, [null]);
  }
  return goodConnections(context, url, [address], target.port);
};

/** The same for a probe as the plan has it, through each of these addresses in turn; tcp: opens connections instead. */
export const goodProbe = async (context: Context, probe: Probe, connects: string[]) => {
  if (connects.length === 0)
    return { servedAt: null, because: `${withoutQuery(probe.url)}: no address of the new side is known` };
  const { protocol, port } = new URL(probe.url);
  if (protocol !== "tcp:") return goodAnswersInARow(context, probe.url, connects, probe);
  return goodConnections(context, probe.url, connects, Number(port));
};

const goodConnections = async ({ net, now }: Context, url: string, hosts: string[], port: number) => {
  for (let nth = 0; nth < goodInARow; nth++) {
    const host = hosts[nth % hosts.length]!;
    const answer = await net.tcp({ host, port, timeoutSeconds: getSeconds });
    if ("error" in answer) return { servedAt: null, because: `${withoutQuery(url)} at ${host}: ${answer.error}` };
  }
  return { servedAt: now(), because: `${goodInARow} connections in a row to ${withoutQuery(url)}` };
};
