import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planJsonSchema } from "../../../../functions/core/plan/schema/plan.ts";
import { type Edit, problemsOf } from "../../../support/plan-document.ts";

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
    "a tag of AWS, or of Lifeboat",
    (d) => {
      d.tags = { "AWS:x": "1", "lifeboat:run": "2" };
    },
    'tags."AWS:x": expected the key of a tag, not beginning with aws: or lifeboat: (got "AWS:x")',
    'tags."lifeboat:run": expected the key of a tag, not beginning with aws: or lifeboat: (got "lifeboat:run")',
  ],
  [
    "more tags than fit beside Lifeboat's",
    (d) => {
      d.tags = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`k${i}`, "v"]));
    },
    "tags: expected at most 40 tags (got a map with k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14, k...)",
  ],
  ...["Berlin", "europe/berlin", "+01:00", "Europe/Nowhere", "CET+1"].map((zone): [string, Edit, string] => [
    `${zone} for a time zone`,
    (d) => {
      d.timeZone = zone;
    },
    `timeZone: expected a time zone such as Europe/Berlin, or UTC (got "${zone}")`,
  ]),
  [
    "metadata options that EC2 does not have",
    (d) => {
      d.protect[0].launch.metadata = { tokens: "v2", hopLimit: 65, tag: "enabled" };
    },
    'protect[0].launch.metadata.tokens: expected one of same, required, optional (got "v2")',
    "protect[0].launch.metadata.hopLimit: expected a whole number from 1 to 64 (got 65)",
    'protect[0].launch.metadata.tag: expected one of the keys tokens, hopLimit, tags, endpoint (got the unknown key "tag"; did you mean tags?)',
  ],
  [
    "a capacity reservation that is none",
    (d) => {
      d.protect[0].launch.capacityReservation = "cr-XYZ";
    },
    'protect[0].launch.capacityReservation: expected open, none, only, the id of a capacity reservation such as cr-0abc, or the ARN of a group of them (got "cr-XYZ")',
  ],
  [
    "a rate that EBS does not sell",
    (d) => {
      d.protect[0].launch.initializationRate = 50;
    },
    "protect[0].launch.initializationRate: expected a whole number from 100 to 300 (got 50)",
  ],
  [
    "another replacement than an empty volume",
    (d) => {
      d.protect[0].exclude = { volumes: ["/dev/sdf"], replace: "same" };
    },
    'protect[0].exclude.replace: expected empty (got "same")',
  ],
  [
    "a path behind a port of tcp",
    (d) => {
      d.protect[0].verify = { tcp: ":5432/x", from: "ssm" };
    },
    'protect[0].verify.tcp: expected a port such as :5432 (got ":5432/x")',
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
];

describe("the form of a plan", () => {
  it.each(mistakes)("the form of a plan refuses %s", (_name, edit, ...problems) => {
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

  it("the JSON Schema of a plan refuses unknown keys in every map", () => {
    expect(maps.length).toBeGreaterThan(15);
    for (const { additionalProperties } of maps) expect(additionalProperties).toBe(false);
  });

  it("the JSON Schema of a plan has no key that docs/plan.md leaves out", () => {
    const docs = readFileSync("docs/plan.md", "utf8");
    const keys = new Set(maps.flatMap(({ properties }) => Object.keys(properties)));
    expect([...keys].filter((key) => !new RegExp(`[\\s{\`]${key}[\\s:,}\`]`).test(docs))).toEqual([]);
  });

  it("the JSON Schema of a plan knows every kind of witness, by its own keys", () => {
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

  it("the JSON Schema of a plan asks only for keys without a default", () => {
    const top = maps[0];
    expect(top.required).toEqual(["version", "application", "regions", "objectives", "protect"]);
    expect(top.properties.priority).toMatchObject({ default: 5, minimum: 1, maximum: 1_000 });
  });
});
