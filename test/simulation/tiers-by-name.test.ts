import { expect, it } from "vitest";
import { resultOf } from "../../simulator/result.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { pairPlan, playPair } from "../support/pair.ts";

const zone = "Z0123456789PRIVATEZN";
/** Two tiers: the servers of the second know the database by its name in a private zone of the recovery VPC. */
const tiers = () => {
  const plan = pairPlan();
  const [server] = plan.protect as [(typeof plan.protect)[number]];
  const of = (name: string, launch: object, verify = server.verify) => ({
    ...{ ...server, name, select: { tags: { App: "pair", Tier: name } }, verify },
    launch: { ...server.launch, elasticIps: [], ...launch },
  });
  const db = of("db", { address: { "db-1": "10.1.0.40" } }, { ...server.verify!, from: "ssm" });
  const app = of("app", { elasticIps: server.launch.elasticIps });
  const [front] = plan.traffic!.records as [NonNullable<typeof plan.traffic>["records"][number]];
  const inside = {
    ...{ ...front, name: "db.pair.internal", zone, private: true, policy: "simple" as const },
    ...{ primary: { addresses: ["10.0.0.40"] }, recovery: { addresses: ["10.1.0.40"] } },
  };
  const records = [{ ...front, policy: "simple" as const }, inside];
  return {
    ...{ ...plan, protect: [db, app], recover: { ...plan.recover, waves: [["db"], ["app"]] } },
    traffic: { ...plan.traffic!, switch: "records" as const, acceptControlPlane: true, records },
  };
};
const world = {
  servers: {
    db: [{ name: "db-1", address: "10.0.0.40", volumes: [{ device: "/dev/xvda", sizeGiB: 8 }] }],
    app: ["app-1", "app-2"].map((name) => ({ name, volumes: [{ device: "/dev/xvda", sizeGiB: 8 }] })),
  },
};
const dark = { fault: "region-down", region: "primary" };

it("a tier finds the one before it by its private name, which moves as soon as that one serves", async () => {
  const story = await playPair({ plan: tiers(), scenario: { world, faults: [dark] } });
  const run = story.executions.find(({ machine }) => machine === "failover")!;
  expect(resultOf(story)).toMatchObject({ outcome: "succeeded", error: null });
  expect(run.results.get("MoveNames")).toMatchObject({ moved: ["db.pair.internal"] });
  expect(brokenIn(story)).toEqual([]);
});

it("without Route 53's control plane the names wait, and the run says what did not serve", async () => {
  const story = await playPair({
    plan: tiers(),
    scenario: { world, faults: [dark, { fault: "control-plane-down", services: ["Route 53"] }] },
  });
  const { outcome, error } = resultOf(story);
  expect(outcome).toBe("failed");
  expect(error?.message).toMatch(/^app: \d recovered, 2 needed \(app-1: .* does not serve/);
});
