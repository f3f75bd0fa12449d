/** The schema of the faults of a scenario file. */

import { z } from "zod";

const unit = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
/** A story of more days would be played for hours. */
const daysMax = 90;
export const duration = z
  .string()
  .regex(/^-?\d+[smhd]$/, "expected a duration such as 30s, 15m, 1h, -10m")
  .transform((text) => Number(text.slice(0, -1)) * unit[text.slice(-1) as keyof typeof unit])
  .refine((seconds) => Math.abs(seconds) <= daysMax * unit.d, `expected a time within ${daysMax} days of time 0`);
export const span = duration.refine((seconds) => seconds > 0, "expected more than zero");
const rate = z.number().min(0).max(1);
const ofKey = { region: z.string().default("recovery"), key: z.string().optional() };
/** By their SDK ids, or as people call them. */
const services = z.array(z.string().transform((name) => (name === "Step Functions" ? "SFN" : name))).min(1);
const calls = { operation: z.string().default("*"), region: z.string().optional() };
export const when = { at: duration.default(0), for: span.optional() };

/** Every fault of a scenario file, with what it takes. Regions may be `primary` or `recovery`. */
export const Fault = z.discriminatedUnion("fault", [
  z.strictObject({ ...when, fault: z.literal("region-down"), region: z.string() }),
  z.strictObject({
    ...when,
    fault: z.literal("link-down"),
    from: z.string(),
    to: z.string(),
    both: z.boolean().default(false),
  }),
  z.strictObject({ ...when, fault: z.literal("control-plane-down"), services }),
  z.strictObject({
    ...when,
    fault: z.literal("brown-out"),
    services,
    region: z.string().optional(),
    error: z.enum(["unavailable", "throttled"]).default("unavailable"),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("api-error"),
    operation: z.string(),
    error: z.string(),
    region: z.string().optional(),
    rate: rate.optional(),
    count: z.int().min(1).optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("throttle"), ...calls, rate }),
  z.strictObject({ ...when, fault: z.literal("lost-response"), ...calls, rate }),
  z.strictObject({ ...when, fault: z.literal("slow-copy"), factor: z.number().min(1).max(1_000) }),
  z.strictObject({ ...when, fault: z.literal("copy-error"), rate }),
  z.strictObject({ ...when, fault: z.literal("copy-quota"), limit: z.int().min(0) }),
  z.strictObject({ ...when, fault: z.literal("snapshot-error"), rate }),
  z.strictObject({ ...when, fault: z.literal("volume-deleted"), count: z.int().min(1).default(1) }),
  z.strictObject({ ...when, fault: z.literal("key-disabled"), ...ofKey }),
  z.strictObject({ ...when, fault: z.literal("key-denied"), ...ofKey }),
  z.strictObject({
    ...when,
    fault: z.literal("alias-moved"),
    region: z.string().default("recovery"),
    alias: z.string().startsWith("alias/").optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("token-buckets"), share: z.number().gt(0).max(1) }),
  z.strictObject({
    ...when,
    fault: z.literal("right-missing"),
    action: z.string().regex(/^[\w-]+:\w+$/, "expected an IAM action such as ec2:RunInstances"),
    region: z.string().optional(),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("no-capacity"),
    types: z.array(z.string()).min(1).optional(),
    zones: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({
    ...when,
    for: span,
    fault: z.literal("verification-pending"),
    region: z.string().default("recovery"),
  }),
  z.strictObject({ ...when, fault: z.literal("copies-deleted"), newest: z.int().min(1).max(1_000) }),
  z.strictObject({ ...when, fault: z.literal("group-deleted") }),
  z.strictObject({ ...when, fault: z.literal("forged-metric"), value: z.number() }),
  z.strictObject({ ...when, fault: z.literal("stop-protected"), rate }),
  z.strictObject({ ...when, fault: z.literal("slow-shutdown"), by: span }),
  z.strictObject({ ...when, fault: z.literal("duplicate-events") }),
  z.strictObject({ ...when, fault: z.literal("late-events"), by: span }),
  z.strictObject({ ...when, fault: z.literal("lost-events"), rate }),
  z.strictObject({
    ...when,
    fault: z.literal("lambda-crash"),
    step: z.string(),
    operation: z.string().optional(),
    nth: z.int().min(1).default(1),
    when: z.enum(["before", "after"]).default("after"),
    count: z.int().min(1).default(1),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("witness"),
    name: z.string(),
    application: z.string().optional(),
    state: z.enum(["healthy", "unhealthy", "cannot-tell"]),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("health-issue"),
    region: z.string(),
    services: z.array(z.string()).min(1),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("zone-edit"),
    name: z.string(),
    type: z.enum(["A", "AAAA", "CNAME", "TXT"]).default("A"),
    set: z.string().optional(),
    values: z.array(z.string()).optional(),
    check: z.enum(["healthy", "unhealthy"]).optional(),
    swap: z.boolean().optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("clock-skew"), region: z.string().default("recovery"), by: duration }),
]);
