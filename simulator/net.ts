import { isIP } from "node:net";
import type { Plan } from "../functions/core/plan.ts";
import type { HttpAnswer, Net } from "../functions/runtime/context.ts";
import { ask } from "./dns.ts";
import { drawn } from "./durations.ts";
import { trafficSeconds } from "./durations-traffic.ts";
import { behind } from "./fronts.ts";
import type { World } from "./kernel.ts";

/** The probes of a step on the simulated internet. */
export const createSimulatedNet = (world: World): Net => {
  const random = world.random.fork("net");

  return {
    async http({ url, connect, timeoutSeconds }): Promise<HttpAnswer> {
      await sleep(drawn(random, trafficSeconds.http));
      const forced = witnessAnswer(world, url, connect);
      if (forced) return forced;
      const address = addressOf(world, connect ?? new URL(url).hostname);
      if ("error" in address) return address;
      const found = behind(world, planOf(world), address.values[0]!);
      if (typeof found === "number") return { status: found, body: found === 200 ? "ok" : "" };
      if (found === "refused") return { error: "ECONNREFUSED" };
      await sleep(timeoutSeconds);
      return { error: "ETIMEDOUT" };
    },

    async tcp({ host, timeoutSeconds }) {
      await sleep(drawn(random, trafficSeconds.http));
      const address = addressOf(world, host);
      if ("error" in address) return address;
      const found = behind(world, planOf(world), address.values[0]!);
      if (typeof found === "number") return { open: true };
      if (found === "refused") return { error: "ECONNREFUSED" };
      await sleep(timeoutSeconds);
      return { error: "ETIMEDOUT" };
    },

    async resolve({ timeoutSeconds, ...question }) {
      await sleep(drawn(random, trafficSeconds.dns));
      const answer = ask(world, question);
      if ("error" in answer && answer.error === "ETIMEOUT") await sleep(timeoutSeconds);
      return answer;
    },
  };
};

/** The plan whose traffic this world carries: its Regions, and the witnesses that a scenario may force. */
export const planOf = (world: World): Plan => {
  const plan = world.notes.get("plan of the traffic");
  if (!plan) throw new Error("simulator/net.ts: call furnishTraffic first");
  return plan as Plan;
};
export const notePlan = (world: World, plan: Plan) => world.notes.set("plan of the traffic", plan);

const addressOf = (world: World, host: string) => {
  if (isIP(host)) return { values: [host] };
  return ask(world, { name: host, type: "A", server: null });
};

/** A probe that the scenario forces; one that cannot tell meets a resolver that does not work. */
const witnessAnswer = (world: World, url: string, connect: string | null): HttpAnswer | null => {
  const probe = planOf(world).detect.witnesses.find(
    (witness) => witness.kind === "probe" && witness.url === url && witness.connect === connect,
  );
  const state = probe && world.faults.witness(probe.name, world.now());
  if (!state) return null;
  if (state === "healthy") return { status: 200, body: "ok" };
  return state === "unhealthy" ? { status: 503, body: "" } : { error: "EAI_AGAIN" };
};

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
