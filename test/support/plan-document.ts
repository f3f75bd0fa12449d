import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { pathText } from "../../functions/core/plan/values/problems.ts";

// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
export type Edit = (document: any) => void;

const webShop = parse(readFileSync(new URL("../../examples/web-shop.yml", import.meta.url), "utf8"));

/** A plan document as its author writes it: the web shop of the examples, changed by `edit`. */
export const aDocument = (edit: Edit = () => {}): unknown => {
  const document = structuredClone(webShop);
  edit(document);
  return document;
};

/** What is wrong with the web shop after `edit`, as a person reads it. */
export const problemsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).problems.map(
    ({ path, expected, got }) => `${pathText(path)}: expected ${expected} (got ${got})`,
  );

export const warningsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).warnings.map(({ path, message }) => `${pathText(path)}: ${message}`);

/** ARN of a routing control, by its last part. */
export const control = (id: string) =>
  `arn:aws:route53-recovery-control::111122223333:controlpanel/0a1b2c3d/routingcontrol/${id}`;

/** A `traffic` that is switched by routing controls, as its author writes it. */
export const aRoutedTraffic = () => ({
  switch: "routing-control",
  cluster: {
    endpoints: ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"].map((region) => ({
      region,
      url: `https://0a1b2c3d.route53-recovery-cluster.${region}.amazonaws.com/v1`,
    })),
  },
  zone: "Z0123456789ABCDEFGHIJ",
  records: [
    {
      name: "shop.example.com",
      type: "A",
      policy: "failover",
      ttl: 30,
      primary: "192.0.2.10",
      recovery: "198.51.100.10",
      routingControls: { primary: control("a"), recovery: control("b") },
    },
  ],
});
