import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planJsonSchema } from "../../functions/core/plan-schema.ts";
import { aRoutedTraffic, control, type Edit, problemsOf } from "../support/plan-document.ts";

const names =
  "name, kind, select, exclude, every, keep, keepSource, encrypt, timeBased, lock, consistency, launch, verify";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "an unknown key names the nearest allowed one",
    (d) => {
      d.protect[0].evry = 1;
    },
    `protect[0].evry: expected one of the keys ${names} (got the unknown key "evry"; did you mean every?)`,
  ],
  [
    "a misspelt required key is one mistake, not two",
    (d) => {
      d.protect[0].knd = d.protect[0].kind;
      delete d.protect[0].kind;
    },
    `protect[0].knd: expected one of the keys ${names} (got the unknown key "knd"; did you mean kind?)`,
  ],
  [
    "an unknown key of a witness is told by the keys of its kind",
    (d) => {
      d.detect.witnesses[2].regional = true;
    },
    'detect.witnesses[2].regional: expected one of the keys name, api (got the unknown key "regional")',
  ],
  [
    "a missing key",
    (d) => {
      delete d.objectives.rto;
    },
    "objectives.rto: expected a duration such as 30s, 15m, 1h or 7d (got nothing)",
  ],
  [
    "an empty key",
    (d) => {
      d.objectives = null;
    },
    "objectives: expected a map with the keys rpo, rto (got an empty value)",
  ],
  [
    "a duration without a unit",
    (d) => {
      d.objectives.rpo = 60;
    },
    "objectives.rpo: expected a duration such as 30s, 15m, 1h or 7d (got 60)",
  ],
  [
    "a duration above its bound",
    (d) => {
      d.protect[0].verify.within = "2h";
    },
    'protect[0].verify.within: expected a duration such as 30s, 15m, 1h or 7d, at most 30m (got "2h")',
  ],
  [
    "a number where a text must be",
    (d) => {
      d.protect[0].select.tags.Tier = 1;
    },
    "protect[0].select.tags.Tier: expected the value of a tag (in quotes when it looks like a number) (got 1)",
  ],
  [
    "a selection of everything",
    (d) => {
      d.protect[0].select.tags = {};
    },
    "protect[0].select.tags: expected at least one tag (got an empty map)",
  ],
  [
    "consistency with one document",
    (d) => {
      d.protect[0].consistency = { before: "freeze" };
    },
    "protect[0].consistency.after: expected the name of an SSM document such as shop-freeze, or its ARN (got nothing)",
  ],
  [
    "a consistency that may take longer than snapshots can wait",
    (d) => {
      d.protect[0].consistency = { before: "freeze", after: "thaw", within: "11m" };
    },
    'protect[0].consistency.within: expected a duration such as 30s, 15m, 1h or 7d, at most 10m (got "11m")',
  ],
  [
    "a document that SSM could not know",
    (d) => {
      d.protect[0].consistency = { before: "sudo sync", after: "thaw" };
    },
    'protect[0].consistency.before: expected the name of an SSM document such as shop-freeze, or its ARN (got "sudo sync")',
  ],
  [
    "a port that does not exist",
    (d) => {
      d.protect[0].verify.http = ":70000/";
    },
    'protect[0].verify.http: expected a port from 1 to 65535 (got ":70000/")',
  ],
  [
    "a witness of no kind",
    (d) => {
      d.detect.witnesses[0] = "errors";
    },
    'detect.witnesses[0]: expected a witness: { name, alarm, region }, { name, healthCheck }, { name, probe: { url } }, { name, api }, { name, silence, after } or { name, awsHealth, region } (got "errors")',
  ],
  [
    "a percentage of nothing",
    (d) => {
      d.protect[0].launch.minimum = "0%";
    },
    'protect[0].launch.minimum: expected a percentage from 1% to 100% (got "0%")',
  ],
  [
    "a tag of ours",
    (d) => {
      d.protect[0].launch.tags = { "lifeboat:run": "x" };
    },
    'protect[0].launch.tags."lifeboat:run": expected the key of a tag, not beginning with aws: or lifeboat: (got "lifeboat:run")',
  ],
  [
    "a Region that is no name",
    (d) => {
      d.regions.recovery = "Frankfurt";
    },
    'regions.recovery: expected the name of a Region such as eu-west-1 (got "Frankfurt")',
  ],
  [
    "an address that is none",
    (d) => {
      d.protect[0].launch.address = { "web-1": "10.0.0.256" };
    },
    'protect[0].launch.address.web-1: expected an IPv4 address such as 10.1.2.3 (got "10.0.0.256")',
  ],
  [
    "a zone that is none",
    (d) => {
      d.protect[0].launch.subnets = { "euc1-az1": "subnet-0a" };
    },
    'protect[0].launch.subnets.euc1-az1: expected an Availability Zone such as eu-central-1a (got "euc1-az1")',
  ],
  [
    "an action that is none",
    (d) => {
      d.detect.action = "ask";
    },
    'detect.action: expected one of notify, approve, automatic (got "ask")',
  ],
  [
    "a priority below the first",
    (d) => {
      d.priority = 0;
    },
    "priority: expected a whole number from 1 to 1000 (got 0)",
  ],
  [
    "an approval that waits longer than a run",
    (d) => {
      d.detect.approval = { within: "8d" };
    },
    'detect.approval.within: expected a duration such as 30s, 15m, 1h or 7d, at most 7d (got "8d")',
  ],
  [
    "a health check that is no id",
    (d) => {
      d.detect.witnesses[0] = { name: "r53", healthCheck: "create" };
    },
    'detect.witnesses[0].healthCheck: expected the id of a Route 53 health check such as 11111111-2222-3333-4444-555555555555 (got "create")',
  ],
  [
    "a silence without a time",
    (d) => {
      d.detect.witnesses[0] = { name: "quiet", silence: "eu-west-1" };
    },
    "detect.witnesses[0].after: expected a duration such as 30s, 15m, 1h or 7d (got nothing)",
  ],
  [
    "a silence that one lost report makes",
    (d) => {
      d.detect.witnesses[0] = { name: "quiet", silence: "eu-west-1", after: "90s" };
    },
    'detect.witnesses[0].after: expected a duration from 2m to 1h (got "90s")',
  ],
  [
    "AWS Health of services in lower case",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["ec2", "ebs", "rds"], region: "eu-west-1" };
    },
    'detect.witnesses[0].awsHealth[0]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "ec2")',
    'detect.witnesses[0].awsHealth[1]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "ebs")',
    'detect.witnesses[0].awsHealth[2]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "rds")',
  ],
  [
    "AWS Health of no Region",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"] };
    },
    "detect.witnesses[0].region: expected the name of a Region such as eu-west-1 (got nothing)",
  ],
  [
    "AWS Health of no service",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: [], region: "eu-west-1" };
    },
    "detect.witnesses[0].awsHealth: expected a list of 1 to 20 service codes (got a list of 0 entries)",
  ],
  [
    "an unknown key of a new witness",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"], region: "eu-west-1", after: "3m" };
    },
    'detect.witnesses[0].after: expected one of the keys name, awsHealth, region (got the unknown key "after")',
  ],
  [
    "a status that HTTP has not",
    (d) => {
      d.detect.witnesses[1].probe.expect = [200, 700];
    },
    "detect.witnesses[1].probe.expect[1]: expected a whole number from 100 to 599 (got 700)",
  ],
  [
    "a word for a status",
    (d) => {
      d.detect.witnesses[1].probe.expect = "ok";
    },
    'detect.witnesses[1].probe.expect: expected an HTTP status from 100 to 599, or a list of them (got "ok")',
  ],
  [
    "an empty text to look for",
    (d) => {
      d.detect.witnesses[1].probe.contains = "";
    },
    'detect.witnesses[1].probe.contains: expected the text that the body must hold, at most 256 characters (got "")',
  ],
  [
    "a probe of a TCP port that is missing",
    (d) => {
      d.detect.witnesses[1].probe.url = "tcp://192.0.2.10";
    },
    'detect.witnesses[1].probe.url: expected a URL such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "tcp://192.0.2.10")',
  ],
  [
    "a probe of a port that does not exist",
    (d) => {
      d.detect.witnesses[1].probe.url = "tcp://192.0.2.10:70000";
    },
    'detect.witnesses[1].probe.url: expected a URL such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "tcp://192.0.2.10:70000")',
  ],
  [
    "an unknown key of a probe",
    (d) => {
      d.detect.witnesses[1].probe.expects = 200;
    },
    'detect.witnesses[1].probe.expects: expected one of the keys url, connect, side, expect, contains, from (got the unknown key "expects"; did you mean expect?)',
  ],
  [
    "a maintenance without an end",
    (d) => {
      d.detect.maintenance = [{ cron: "0 2 ? * SUN *" }];
    },
    "detect.maintenance[0].for: expected a duration such as 30s, 15m, 1h or 7d (got nothing)",
  ],
  [
    "a policy that is not switched",
    (d) => {
      d.traffic.records[0].policy = "geoproximity";
    },
    'traffic.records[0].policy: expected one of failover, weighted, latency, geolocation, multivalue, simple (got "geoproximity")',
  ],
  [
    "steps that do not end with all",
    (d) => {
      d.traffic.records[0].steps = [10, 50];
    },
    "traffic.records[0].steps: expected percentages in ascending order that end with 100, such as [10, 50, 100] (got a list of 2 entries)",
  ],
  [
    "steps that go back",
    (d) => {
      d.traffic.records[0].steps = [50, 10, 100];
    },
    "traffic.records[0].steps: expected percentages in ascending order that end with 100, such as [10, 50, 100] (got a list of 3 entries)",
  ],
  [
    "a step of nothing",
    (d) => {
      Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
      Object.assign(d.traffic.records[0], { policy: "weighted", steps: [0, 100] });
    },
    "traffic.records[0].steps[0]: expected a whole number from 1 to 100 (got 0)",
  ],
  [
    "a gate that outlasts patience",
    (d) => {
      d.traffic.records[0].gate = "2h";
    },
    'traffic.records[0].gate: expected a duration such as 0d, 30s, 15m, 1h or 7d, at most 1h (got "2h")',
  ],
  [
    "a private that is no answer",
    (d) => {
      d.traffic.records[0].private = "yes";
    },
    'traffic.records[0].private: expected true or false (got "yes")',
  ],
  [
    "four endpoints of a cluster",
    (d) => {
      d.traffic.switch = "routing-control";
      d.traffic.cluster = {
        endpoints: [1, 2, 3, 4].map((n) => ({ region: `eu-west-${n}`, url: `https://${n}.example.com` })),
      };
      d.traffic.records[0].routingControls = { primary: control("a"), recovery: control("b") };
    },
    "traffic.cluster.endpoints: expected a list of 5 endpoints { region, url }, all of the cluster (got a list of 4 entries)",
  ],
  [
    "a cluster that is an ARN",
    (d) => {
      d.traffic.switch = "routing-control";
      d.traffic.cluster = "arn:x";
      d.traffic.records[0].routingControls = { primary: control("a"), recovery: control("b") };
    },
    'traffic.cluster: expected a map with the keys endpoints (got "arn:x")',
  ],
  [
    "a routing control that is another ARN",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.records[0].routingControls.primary = "arn:aws:route53-recovery-control::111122223333:cluster/0a";
    },
    'traffic.records[0].routingControls.primary: expected the ARN of a routing control (got "arn:aws:route53-recovery-control::111122223333:cluster/0a")',
  ],
  [
    "an endpoint without encryption",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.cluster.endpoints[0].url = "http://a.example.com/v1";
    },
    'traffic.cluster.endpoints[0].url: expected a URL that begins with https:// (got "http://a.example.com/v1")',
  ],
  [
    "a set identifier of nothing",
    (d) => {
      d.traffic.records[0].setIdentifiers = { primary: "", recovery: "b" };
    },
    'traffic.records[0].setIdentifiers.primary: expected a set identifier of 1 to 128 characters (got "")',
  ],
];

describe("the form of a plan", () => {
  it.each(mistakes)("refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });
});

describe("the JSON Schema of a plan", () => {
  // biome-ignore lint/suspicious/noExplicitAny: any JSON Schema
  const mapsOf = (schema: any): any[] => {
    if (schema === null || typeof schema !== "object") return [];
    const inner = Object.values(schema).flatMap(mapsOf);
    return schema.properties && schema.type === "object" ? [schema, ...inner] : inner;
  };
  const maps = mapsOf(planJsonSchema());

  it("refuses unknown keys in every map", () => {
    expect(maps.length).toBeGreaterThan(15);
    for (const { additionalProperties } of maps) expect(additionalProperties).toBe(false);
  });

  it("has no key that docs/plan.md leaves out", () => {
    const docs = readFileSync("docs/plan.md", "utf8");
    const keys = new Set(maps.flatMap(({ properties }) => Object.keys(properties)));
    expect([...keys].filter((key) => !new RegExp(`[\\s{\`]${key}[\\s:,}\`]`).test(docs))).toEqual([]);
  });

  it("knows every kind of witness, by its own keys", () => {
    const { witnesses } = (maps[0].properties.detect.properties ?? {}) as Record<
      string,
      { items: { anyOf: unknown[] } }
    >;
    expect(witnesses?.items.anyOf.map((kind) => (kind as { required: string[] }).required.slice(1))).toEqual([
      ["alarm", "region"],
      ["healthCheck"],
      ["probe"],
      ["api"],
      ["silence", "after"],
      ["awsHealth", "region"],
    ]);
  });

  it("asks only for keys without a default", () => {
    const top = maps[0];
    expect(top.required).toEqual(["version", "application", "regions", "objectives", "protect"]);
    expect(top.properties.priority).toMatchObject({ default: 5, minimum: 1, maximum: 1_000 });
  });
});
