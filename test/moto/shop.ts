import type { Plan } from "../../functions/core/model/plan.ts";
import { aPlan, aResource } from "../support/builders.ts";

export const [primary, recovery] = ["eu-west-1", "eu-central-1"] as const;
export const tableName = "lifeboat";
export const bucketName = "lifeboat-reports";
export const host = "shop.example.com";
export const primaryAddress = "192.0.2.10";
/** Alarm of the primary Region that is a witness. */
export const alarmName = "shop-5xx";
export const keyAlias = "alias/lifeboat";

/** What the recovery Region has, by the names that an AWS gave it. */
export type Names = {
  /** One in zone a and one in zone b: 10.0.0.0/24 and 10.0.1.0/24, as in the primary Region. */
  subnets: [string, string];
  securityGroup: string;
  elasticIps: { id: string; address: string }[];
  targetGroup: string;
  topic: string;
  zone: string;
  healthCheck: string;
};

type ServerOfShop = { name: string; tier: "app" | "web"; address: string; userData: string };

/** The servers of the primary Region. Each has a plain root volume of 8 GiB and an encrypted one of 20 GiB. */
export const servers: ServerOfShop[] = [
  { name: "app-1", tier: "app", address: "10.0.0.10" },
  { name: "web-1", tier: "web", address: "10.0.0.20" },
  { name: "web-2", tier: "web", address: "10.0.1.20" },
].map((server) => ({
  ...(server as Omit<ServerOfShop, "userData">),
  userData: Buffer.from(`#!/bin/sh\necho ${server.name}\n`).toString("base64"),
}));
export const instanceType = "m5.large";
export const dataDevice = "/dev/sdf";

/** An application of two tiers: the second wave's servers have Elastic IPs, the addresses that users are led to. */
export const shopPlan = (names: Names): Plan => {
  const { launch } = aResource();
  const [a, b] = names.subnets;
  const common = {
    ...launch,
    subnets: { [`${recovery}a`]: [a], [`${recovery}b`]: [b] },
    securityGroups: [names.securityGroup],
    tags: { Side: "recovery" },
  };
  const { traffic, detect } = aPlan();
  return aPlan({
    regions: { primary, recovery },
    detect: {
      ...detect,
      witnesses: [{ name: "errors", kind: "alarm", alarm: alarmName, region: primary }, ...detect.witnesses],
    },
    protect: [
      aResource({
        name: "app",
        select: { tags: { App: "shop", Tier: "app" } },
        encryptKey: keyAlias,
        launch: common,
        verify: null,
      }),
      aResource({
        name: "web",
        select: { tags: { App: "shop", Tier: "web" } },
        launch: { ...common, elasticIps: names.elasticIps.map(({ id }) => id), targetGroups: [names.targetGroup] },
        verify: { http: { port: 80, path: "/healthz" }, withinSeconds: 60, from: "targetGroup" },
      }),
    ],
    recover: {
      waves: [["app"], ["web"]],
      fence: "required",
      fenceFirst: false,
      onFailure: "hold",
      lossBudgetSeconds: 600,
    },
    traffic: {
      ...traffic!,
      healthCheck: names.healthCheck,
      zone: names.zone,
      records: [
        {
          ...traffic!.records[0]!,
          name: host,
          zone: names.zone,
          primary: { addresses: [primaryAddress] },
          recovery: { addresses: names.elasticIps.map(({ address }) => address) },
        },
      ],
    },
    notify: { topics: [names.topic], on: ["done"] },
  });
};
