import { isIP } from "node:net";
import type { Plan, Probe } from "../../functions/core/model/plan.ts";
import type { HttpAnswer, Net } from "../../functions/runtime/context.ts";
import { ask } from "../dns/dns.ts";
import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import type { World } from "../kernel.ts";
import { behind, hostOf, isEndpoint } from "../world/endpoints.ts";

/** The probes of a step on the simulated internet; `from`: the Region of its function. */
export const createSimulatedNet = (world: World, from: string | null = null): Net => {
  const random = world.random.fork("net");

  return {
    async http({ url, connect, timeoutSeconds }): Promise<HttpAnswer> {
      await sleep(drawn(random, trafficSeconds.http));
      const isMeant = (probe: Probe) => probe.url === url && probe.connect === connect;
      const forced = forcedProbe(world, isMeant);
      const found = forced ?? (await reach(world, from, connect ?? hostOf(url), timeoutSeconds));
      if (typeof found === "object" && "error" in found) return found;
      const status = typeof found === "number" ? found : found.status;
      // the same page is on either side
      const asked = probesOf(world).find(isMeant) ?? probesOf(world).find((probe) => probe.url === url);
      return status === 200 ? goodAnswer(asked) : { status, body: "" };
    },

    async tcp({ host, port, timeoutSeconds }) {
      await sleep(drawn(random, trafficSeconds.http));
      const forced = forcedProbe(world, ({ url, connect }) => isTcp(url, connect, host, port));
      if (forced)
        return "error" in forced ? forced : forced.status === 200 ? { open: true } : { error: "ECONNREFUSED" };
      const found = await reach(world, from, host, timeoutSeconds);
      return typeof found === "number" ? { open: true } : found;
    },

    async resolve({ timeoutSeconds, ...question }) {
      await sleep(drawn(random, trafficSeconds.dns));
      const answer = isUnclear(world, question.name) ? { error: "ETIMEOUT" } : ask(world, question);
      if ("error" in answer && answer.error === "ETIMEOUT") await sleep(timeoutSeconds);
      return answer;
    },
  };
};

/** What answers at a host: a status, or why nothing does, after the time that it takes to know. */
const reach = async (world: World, from: string | null, host: string, timeoutSeconds: number) => {
  const address = addressOf(world, host);
  if ("error" in address) return address;
  const found = behind(world, planOf(world), address.values[0]!, from);
  if (typeof found === "number") return found;
  if (found === "refused") return { error: "ECONNREFUSED" };
  await sleep(timeoutSeconds);
  return { error: "ETIMEDOUT" };
};

/** Every plan whose traffic this world carries, the story's own first: their witnesses may be forced by a scenario. */
const plansOf = (world: World): Plan[] => (world.notes.get("plans of the traffic") as Plan[] | undefined) ?? [];
export const planOf = (world: World): Plan => {
  const [plan] = plansOf(world);
  if (!plan) throw new Error("simulator/network/net.ts: call populateTraffic first");
  return plan;
};
export const notePlan = (world: World, plan: Plan) =>
  world.notes.set("plans of the traffic", [...plansOf(world), plan]);

const addressOf = (world: World, host: string) => {
  if (isIP(host) || isEndpoint(world, host)) return { values: [host] };
  return ask(world, { name: host, type: "A", server: null });
};

const probesOf = (world: World) =>
  plansOf(world).flatMap(({ detect }) => detect.witnesses.filter((witness) => witness.kind === "probe"));

/** A page that is well answers what the plan expects of it. */
const goodAnswer = (probe: Probe | undefined) => ({ status: probe?.expect[0] ?? 200, body: probe?.contains ?? "ok" });

/** A probe that the scenario forces; one that cannot tell meets a resolver that does not work. */
const forcedProbe = (world: World, isMeant: (probe: Probe) => boolean): HttpAnswer | null => {
  for (const { application, detect } of plansOf(world)) {
    const probe = detect.witnesses.find((witness) => witness.kind === "probe" && isMeant(witness));
    const state = probe && world.faults.witness(probe.name, world.now(), application);
    if (state === "healthy") return { status: 200, body: "ok" };
    if (state) return state === "unhealthy" ? { status: 503, body: "" } : { error: "EAI_AGAIN" };
  }
  return null;
};

const isTcp = (url: string, connect: string | null, host: string, port: number) => {
  if (!url.startsWith("tcp:")) return false;
  const wanted = new URL(url);
  return (connect ?? wanted.hostname) === host && Number(wanted.port) === port;
};

/** A health check that a scenario keeps from telling: the name that tells it is not answered. */
const isUnclear = (world: World, name: string) =>
  plansOf(world).some(({ application, detect }) =>
    detect.witnesses.some(
      (witness) =>
        witness.kind === "healthCheck" &&
        witness.text === name &&
        world.faults.witness(witness.name, world.now(), application) === "cannot-tell",
    ),
  );

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
