import { codeOf, isPassing } from "../aws/calls/errors.ts";
import { isInSync } from "../aws/route-53.ts";
import { managedAmong, sendShell, shellResult } from "../aws/ssm.ts";
import type { Run } from "../core/model/run.ts";
import { lookupScript } from "../core/servers/script.ts";
import type { Expectation } from "../core/traffic/dns.ts";
import { judgeInSync, type PrivatePoll } from "../core/traffic/private-dns.ts";
import type { Context } from "../runtime/context.ts";

/** A command of Systems Manager whose result the next poll reads; kept in the machine's state. */
export type LookupCommand = { instance: string; command: string } | null;
type Facts = {
  run: Run;
  expectations: Expectation[];
  asked: LookupCommand;
  /** Polls before this one. */
  polls: number;
  /** Of the zones that were changed; null = its reply was lost. */
  changeIds: (string | null)[];
  reroutedAt: Date;
};

/** Time for the agent of a new server to register, in polls of 5 and 3 s. */
const agentPollsMax = 40;

/**
 * One poll of the records of private zones, which no public resolver knows: on a server of this run in the VPC, when
 * Systems Manager reaches one; else Route 53 says when its name servers have the change.
 */
export const pollPrivateZones = async (
  context: Context,
  facts: Facts,
): Promise<PrivatePoll & { asked: LookupCommand }> => {
  const { run, asked } = facts;
  const result = asked ? await shellResult(context.clients, run.target, asked.command, asked.instance) : null;
  if (asked && result?.state === "succeeded")
    return { done: true, how: "vpc", because: `private zones: as expected on ${asked.instance} in the VPC`, asked };
  if (result?.state === "pending")
    return { done: false, how: "vpc", because: `private zones: ${result.because}`, asked };

  const servers = await serversOf(context, run);
  if (servers.length === 0) return byInSync(context, facts, "the run has no server in the VPC");
  const sent = await send(context, facts, servers);
  if (typeof sent === "string") {
    if (facts.polls >= agentPollsMax) return byInSync(context, facts, sent);
    return { done: false, how: "vpc", because: `private zones: ${sent} yet`, asked: null };
  }
  const because = result?.because ?? "the command was sent";
  return { done: false, how: "vpc", because: `private zones: ${because}`, asked: sent };
};

/** Servers that this run launched and that passed verification. */
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
    log.warn("the command could not be sent", { code: codeOf(error), because: (error as Error).message });
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
    log.warn("could not read whether Route 53 has applied a change", { code: codeOf(error) });
    return null;
  }
};
