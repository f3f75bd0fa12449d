import { codeOf, isPassing } from "../aws/calls/errors.ts";
import { isInSync } from "../aws/route-53.ts";
import { managedAmong, sendShell, shellResult } from "../aws/ssm.ts";
import type { Run } from "../core/model/run.ts";
import { lookupScript } from "../core/servers/script.ts";
import type { Expectation } from "../core/traffic/dns.ts";
import { judgeInSync, type PrivateLook } from "../core/traffic/private-dns.ts";
import type { Context } from "../runtime/context.ts";

/** A command of Systems Manager whose result the next look reads; kept in the machine's state. */
export type Asked = { instance: string; command: string } | null;
type Facts = {
  run: Run;
  expectations: Expectation[];
  asked: Asked;
  /** So many looks before this one. */
  polls: number;
  /** Of the zones that were changed; null = its reply was lost. */
  changeIds: (string | null)[];
  reroutedAt: Date;
};

/** So long the agent of a new server may need to register, in looks of 5 and 3 s. */
const agentPollsMax = 40;

/**
 * One look at records of private zones, which no public resolver knows: asked on a server of this run in the VPC, where
 * there is one that Systems Manager reaches; else Route 53 says when its name servers have the change.
 */
export const lookPrivately = async (context: Context, facts: Facts): Promise<PrivateLook & { asked: Asked }> => {
  const { run, asked } = facts;
  const result = asked ? await shellResult(context.clients, run.target, asked.command, asked.instance) : null;
  if (asked && result?.state === "succeeded")
    return { done: true, how: "vpc", because: `private zones: as expected on ${asked.instance} in the VPC`, asked };
  if (result?.state === "pending")
    return { done: false, how: "vpc", because: `private zones: ${result.because}`, asked };

  const servers = await serversOf(context, run);
  if (servers.length === 0) return byInSync(context, facts, "the run has no server to ask");
  const sent = await send(context, facts, servers);
  if (typeof sent === "string") {
    if (facts.polls >= agentPollsMax) return byInSync(context, facts, sent);
    return { done: false, how: "vpc", because: `private zones: ${sent} yet`, asked: null };
  }
  const because = result?.because ?? "the command was sent";
  return { done: false, how: "vpc", because: `private zones: ${because}`, asked: sent };
};

/** Servers that this run launched and found good. */
const serversOf = async ({ store }: Context, run: Run): Promise<string[]> => {
  const ledger = await store.ledger(run.application, run.name);
  const good = ledger.filter(({ state, outcome }) => state === "Verify" && outcome === "Served");
  return good.flatMap(({ detail }) => (typeof detail.instance === "string" ? [detail.instance] : [])).sort();
};

const send = async ({ clients, log }: Context, { run, expectations }: Facts, servers: string[]) => {
  const unknown = "Systems Manager reaches no server of the run";
  try {
    const managed = await managedAmong(clients, run.target, servers);
    const [instance] = [...managed.keys()].sort();
    if (!instance) return unknown;
    const script = lookupScript(expectations, managed.get(instance) ?? "");
    const command = await sendShell(clients, run.target, { instance, ...script, comment: `lifeboat ${run.name}` });
    return command ? { instance, command } : unknown;
  } catch (error) {
    if (isPassing(error)) throw error;
    log.warn("a server could not be asked", { code: codeOf(error), because: (error as Error).message });
    return `${unknown} (${codeOf(error)})`;
  }
};

const byInSync = async (context: Context, { changeIds, reroutedAt }: Facts, why: string) => {
  const elapsedSeconds = (context.now().getTime() - reroutedAt.getTime()) / 1_000;
  return { ...judgeInSync(await allInSync(context, changeIds), elapsedSeconds, why), asked: null };
};

const allInSync = async ({ clients, log }: Context, ids: (string | null)[]): Promise<boolean | null> => {
  if (ids.length === 0) return null;
  try {
    for (const id of ids) if (id !== null && !(await isInSync(clients, id))) return false;
    return ids.includes(null) ? null : true;
  } catch (error) {
    log.warn("Route 53 does not say whether a change is in sync", { code: codeOf(error) });
    return null;
  }
};
