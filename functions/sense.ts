import * as z from "zod/mini";
import { isPassing } from "./aws/calls/errors.ts";
import { readProbe } from "./core/detect/probe.ts";
import type { Probe } from "./core/model/plan.ts";
import { probe } from "./detection/ask-witnesses.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ application: z.string() });

export type SenseResult = { sent: boolean };

/**
 * The heartbeat of this Region's sensor, with what it sees by the probes that the plan wants from here. A table that does
 * not answer is a line in the log: the controller hears that by itself.
 */
export const sense = async ({ application }: z.infer<typeof Input>, context: Context): Promise<SenseResult> => {
  const { store, settings, log, now } = context;
  try {
    const version = await store.currentPlanVersion(application);
    if (!version) {
      log.warn("nothing to sense", { application, because: `it has no plan in ${settings.home}` });
      return { sent: false };
    }
    const { detect } = await store.plan(application, version);
    const at = now().toISOString();
    const own = detect.witnesses.filter(
      (witness): witness is Probe => witness.kind === "probe" && witness.from === settings.region,
    );
    const seen = await Promise.all(own.map(async (one) => [one.name, readProbe(one, await probe(context, one))]));
    await store.saveSensorReport(application, { region: settings.region, at, probes: Object.fromEntries(seen) });
    return { sent: true };
  } catch (error) {
    if (!isPassing(error)) throw error;
    const { name, message } = error as Error;
    log.warn("heartbeat not sent", { application, home: settings.home, code: name, because: message });
    return { sent: false };
  }
};

export const handler = step("sense", Input, sense);
