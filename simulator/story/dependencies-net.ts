/** Journal of DNS questions and probes, beside the journal of API calls. */

import type { Net } from "../../functions/runtime/context.ts";
import type { World } from "../kernel.ts";
import { currentMachine, currentStep } from "../machines/current-step.ts";

/** A question to DNS or a probe, by the step that asked; `at` in ms. */
export type NetRecord = { at: number; step: string; machine: string; kind: keyof Net; ok: boolean };

/** The same probes, each written down beside the journal of calls. */
export const journalNet = (world: World, net: Net): Net => {
  const noted =
    <Q, A extends object>(kind: keyof Net, ask: (question: Q) => Promise<A>) =>
    async (question: Q): Promise<A> => {
      const [step, machine] = [currentStep.getStore() ?? "", currentMachine.getStore() ?? ""];
      const record: NetRecord = { at: world.now(), step, machine, kind, ok: false };
      netJournal(world).push(record);
      const answer = await ask(question);
      record.ok = !("error" in answer);
      return answer;
    };
  return { http: noted("http", net.http), tcp: noted("tcp", net.tcp), resolve: noted("resolve", net.resolve) };
};

export const netJournal = (world: World) => world.region<NetRecord[]>("net", "all", () => []);
