import { pairPlan } from "./pair.ts";

const zone = "Z0123456789PRIVATEZN";
/** Two tiers: the servers of the second know the database by its name in a private zone of the recovery VPC. */
export const tiersPlan = () => {
  const plan = pairPlan();
  const [server] = plan.protect as [(typeof plan.protect)[number]];
  const of = (name: string, launch: object, verify = server.verify) => ({
    ...server,
    name,
    select: { tags: { App: "pair", Tier: name } },
    verify,
    launch: { ...server.launch, elasticIps: [], ...launch },
  });
  const db = of("db", { address: { "db-1": "10.1.0.40" } }, { ...server.verify!, from: "ssm" });
  const app = of("app", { elasticIps: server.launch.elasticIps });
  const [front] = plan.traffic!.records as [NonNullable<typeof plan.traffic>["records"][number]];
  const inside = {
    ...front,
    name: "db.pair.internal",
    zone,
    private: true,
    policy: "simple" as const,
    primary: { addresses: ["10.0.0.40"] },
    recovery: { addresses: ["10.1.0.40"] },
  };
  const records = [{ ...front, policy: "simple" as const }, inside];
  return {
    ...plan,
    protect: [db, app],
    recover: { ...plan.recover, waves: [["db"], ["app"]] },
    traffic: { ...plan.traffic!, switch: "records" as const, acceptControlPlane: true, records },
  };
};
export const tiersWorld = {
  servers: {
    db: [{ name: "db-1", address: "10.0.0.40", volumes: [{ device: "/dev/xvda", sizeGiB: 8 }] }],
    app: ["app-1", "app-2"].map((name) => ({ name, volumes: [{ device: "/dev/xvda", sizeGiB: 8 }] })),
  },
};
