import type { Plan } from "../functions/core/model/plan.ts";
import { aPlan, aResource } from "../test/support/builders.ts";
import { application, primary, recovery } from "./names.ts";

/** The plan of the bench: every tagged instance, due once a day, the newest point kept. */
export const benchPlan = (): Plan =>
  aPlan({
    application,
    regions: { primary, recovery },
    objectives: { rpoSeconds: 86_400, rtoSeconds: 900 },
    protect: [
      aResource({
        select: { tags: { App: application } },
        every: "rate(1 day)",
        everySeconds: 86_400,
        keep: { hourly: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
      }),
    ],
  });
