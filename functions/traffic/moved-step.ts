import type { Context } from "../runtime/context.ts";

/** The step of the weights, from 0, at which a run's records are, all of them; null when it has not moved them all to one. */
export const movedStep = async ({ store }: Context, application: string, run: string): Promise<number | null> => {
  const ledger = await store.ledger(application, run);
  const moved = ledger.find(({ state, subject }) => state === "Reroute" && !subject);
  return typeof moved?.detail.step === "number" ? moved.detail.step : null;
};
