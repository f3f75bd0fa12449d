/** The schema of a scenario file. */

import { z } from "zod";
import { Inventory } from "../inventory/inventory.ts";
import { duration, Fault, span } from "./fault-schemas.ts";

/** What a person does, through the code that the command line uses. */
export const Operation = z.strictObject({
  at: duration.default(0),
  do: z.enum(["pause", "resume", "approve", "withhold", "acknowledge", "failover", "replicate", "rotate"]),
  application: z.string().optional(),
  input: z.record(z.string(), z.unknown()).default({}),
});

/** An EventBridge event as AWS delivers it; `raw`: given to Detect as it is, without the shape of the rule. */
export const Event = z.strictObject({
  at: duration.default(0),
  application: z.string().optional(),
  event: z.unknown(),
  raw: z.boolean().default(false),
});

/** Warm-standby applications beside the plan's own: copies of the plan with these parts changed, `protect: []`. */
export const Application = z.strictObject({
  application: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "expected a name of lower-case letters, digits and hyphens, such as blog"),
  count: z.int().min(1).max(100).default(1),
  priority: z.int().optional(),
  primary: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  recovery: z.string().optional(),
  action: z.enum(["notify", "approve", "automatic"]).optional(),
});

export const ScenarioFile = z.strictObject({
  name: z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, "expected a name of 1 to 100 visible characters"),
  world: Inventory.nullish(),
  until: span.default(6 * 3_600),
  detect: z.enum(["on", "off"]).default("on"),
  /** When Lifeboat is deployed; without it, at the beginning, with everything well. */
  deployed: duration.refine((seconds) => seconds <= 0, "expected time 0 at the latest").optional(),
  faults: z.array(Fault).default([]),
  operations: z.array(Operation).default([]),
  events: z.array(Event).default([]),
  applications: z.array(Application).default([]),
});

/** One warm-standby application beside the plan's own; what is not given is as in the plan. */
export type FurtherApplication = Pick<z.infer<typeof Application>, "application" | "priority" | "action"> & {
  primary?: string;
  recovery?: string;
};

/** Seconds; `at` counts from time 0. */
export type Scenario = Omit<z.infer<typeof ScenarioFile>, "applications"> & { applications: FurtherApplication[] };

export type ScenarioFault = Scenario["faults"][number];
