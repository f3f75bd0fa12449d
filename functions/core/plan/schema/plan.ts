import * as z from "zod/mini";
import * as value from "../values/values.ts";
import { detect } from "./detect.ts";
import { resource } from "./resource.ts";
import { traffic } from "./traffic.ts";

const { choice, duration, flag, list, map, whole } = value;
const optional = z.optional;

const recover = map({
  waves: optional(list(list(value.name, "resource names", 1), "waves", 0, 20)),
  boot: z._default(choice("inOrder", "together"), "inOrder"),
  fence: z._default(choice("required", "best-effort"), "best-effort"),
  fenceFirst: z._default(flag(), false),
  onFailure: z._default(choice("hold", "unfence"), "hold"),
  lossBudget: optional(duration()),
});

const reasons = ["decision", "hold", "done", "rpo"] as const;

/** The plan as its author writes it (docs/plan.md). Source of the check, of the compiled plan and of the JSON Schema. */
export const planSchema = map({
  version: z.literal(1, { error: "1" }),
  application: value.name,
  priority: z._default(whole(1, 1_000), 5),
  tags: optional(value.ownTags()),
  timeZone: optional(value.timeZone),
  regions: map({ primary: value.region, recovery: value.region }),
  objectives: map({ rpo: duration(), rto: duration() }),
  detect: optional(detect),
  protect: list(resource, "resources", 0, 50),
  recover: optional(recover),
  traffic: optional(traffic),
  notify: optional(
    map({
      topics: list(value.topic, "topic ARNs", 0, 10),
      on: z._default(list(choice(...reasons), "reasons", 0, 4), [...reasons]),
    }),
  ),
});

export type PlanDocument = z.output<typeof planSchema>;

/** JSON Schema (2020-12) of a plan, for editors. */
export const planJsonSchema = () => ({ title: "Lifeboat plan", ...z.toJSONSchema(planSchema, { io: "input" }) });
