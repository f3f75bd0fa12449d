import type { Plan, Witness } from "../../functions/core/model/plan.ts";
import { aPlan } from "../support/builders.ts";

/** A plan between two Regions with every kind of witness: whatever can be deployed for one, is. */
export const everyWitness = (regions: Plan["regions"], over: Partial<Plan> = {}): Plan => {
  const { primary, recovery } = regions;
  const plan = aPlan(over);
  const probe = { kind: "probe" as const, side: "primary" as const, expect: [], contains: null };
  const witnesses: Witness[] = [
    { name: "errors", kind: "alarm", alarm: "shop-5xx", region: primary },
    { name: "users", kind: "alarm", alarm: "shop-users", region: recovery },
    {
      name: "route-53",
      kind: "healthCheck",
      healthCheck: "11111111-2222-3333-4444-555555555555",
      text: "_lifeboat-shop.shop.example.com",
      zone: "Z0123456789ABCDEFGHIJ",
    },
    { ...probe, name: "canary", url: "https://shop.example.com/", connect: "192.0.2.10", from: null },
    { ...probe, name: "far", url: "tcp://192.0.2.10:443", connect: null, from: "eu-north-1" },
    { name: "region", kind: "api", region: primary },
    { name: "quiet", kind: "silence", region: primary, afterSeconds: 180 },
    { name: "aws", kind: "awsHealth", services: ["EC2", "EBS"], region: primary },
  ];
  const topics = [...new Set([primary, recovery])].map((region) => `arn:aws:sns:${region}:111122223333:lifeboat`);
  return {
    ...plan,
    regions,
    detect: { ...plan.detect, witnesses },
    notify: { topics, on: ["decision", "rpo"] },
    ...over,
  };
};
