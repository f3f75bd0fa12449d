import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlan } from "../../functions/core/plan-compile.ts";
import { pathText } from "../../functions/core/plan-problems.ts";
import { aDocument } from "../support/plan-document.ts";

// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
type Edit = (document: any) => void;
const problemsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).problems.map(
    ({ path, expected, got }) => `${pathText(path)}: expected ${expected} (got ${got})`,
  );
const warningsOf = (edit: Edit) =>
  compilePlan(aDocument(edit)).warnings.map(({ path, message }) => `${pathText(path)}: ${message}`);

const names = "name, kind, select, exclude, every, keep, encrypt, timeBased, lock, launch, verify";
const secondRegion = "another Region than the primary, eu-west-1";

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
    'detect.witnesses[0]: expected a witness: { name, alarm, region }, { name, probe: { url } } or { name, api } (got "errors")',
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
    "Regions that are the same",
    (d) => {
      d.regions.recovery = "eu-west-1";
    },
    `regions.recovery: expected ${secondRegion} (got eu-west-1)`,
  ],
  [
    "Regions of two partitions",
    (d) => {
      d.regions.primary = "cn-north-1";
      d.detect.witnesses[2].api = "cn-north-1";
    },
    "regions.recovery: expected a Region of the same partition as cn-north-1 (got eu-central-1)",
  ],
  [
    "a Region that is no name",
    (d) => {
      d.regions.recovery = "Frankfurt";
    },
    'regions.recovery: expected the name of a Region such as eu-west-1 (got "Frankfurt")',
  ],
  [
    "a resource in no wave",
    (d) => {
      d.recover.waves = [["app"]];
    },
    "recover.waves: expected every resource in one wave (got none with web)",
  ],
  [
    "a resource in two waves",
    (d) => {
      d.recover.waves = [["app"], ["web", "app"]];
    },
    "recover.waves[1][1]: expected each resource in one wave (got app again)",
  ],
  [
    "a wave with a stranger",
    (d) => {
      d.recover.waves = [["app"], ["web", "wb"]];
    },
    "recover.waves[1][1]: expected the name of a resource: app, web (got wb; did you mean web?)",
  ],
  [
    "two resources of one name",
    (d) => {
      d.protect[1].name = "app";
      d.recover.waves = [["app"]];
    },
    "protect[1].name: expected a resource name of its own (got app again)",
  ],
  [
    "two resources with one selection",
    (d) => {
      d.protect[1].select = d.protect[0].select;
    },
    "protect[1].select.tags: expected a selection of its own, or two resources protect the same servers (got App=web-shop, Tier=app again)",
  ],
  [
    "two witnesses of one name",
    (d) => {
      d.detect.witnesses[1].name = "errors";
    },
    "detect.witnesses[1].name: expected a witness name of its own (got errors again)",
  ],
  [
    "one Elastic IP for two servers",
    (d) => {
      d.protect[0].launch.elasticIps = ["eipalloc-1", "eipalloc-1"];
    },
    "protect[0].launch.elasticIps[1]: expected an Elastic IP that no other server has (got eipalloc-1 again)",
  ],
  [
    "one address for two servers",
    (d) => {
      d.protect[0].launch.address = { a: "10.0.0.5" };
      d.protect[1].launch.overrides = { b: { address: "10.0.0.5" } };
    },
    "protect[1].launch.overrides.b.address: expected an address that no other server has (got 10.0.0.5 again)",
  ],
  [
    "an address that is none",
    (d) => {
      d.protect[0].launch.address = { "web-1": "10.0.0.256" };
    },
    'protect[0].launch.address.web-1: expected an IPv4 address such as 10.1.2.3 (got "10.0.0.256")',
  ],
  [
    "a key of the primary Region",
    (d) => {
      d.protect[0].encrypt.key = "arn:aws:kms:eu-west-1:111122223333:alias/x";
    },
    "protect[0].encrypt.key: expected a key in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "a zone of the primary Region",
    (d) => {
      d.protect[0].launch.subnets = { "eu-west-1a": "subnet-0a" };
    },
    "protect[0].launch.subnets.eu-west-1a: expected an Availability Zone in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "a zone that is none",
    (d) => {
      d.protect[0].launch.subnets = { "euc1-az1": "subnet-0a" };
    },
    'protect[0].launch.subnets.euc1-az1: expected an Availability Zone such as eu-central-1a (got "euc1-az1")',
  ],
  [
    "a target group of another Region",
    (d) => {
      d.protect[1].launch.targetGroups = [
        "arn:aws:elasticloadbalancing:eu-north-1:111122223333:targetgroup/w/0123456789abcdef",
      ];
    },
    "protect[1].launch.targetGroups[0]: expected a target group in the recovery Region eu-central-1 (got one in eu-north-1)",
  ],
  [
    "a topic of the primary Region",
    (d) => {
      d.notify.topics = ["arn:aws:sns:eu-west-1:111122223333:x"];
    },
    "notify.topics[0]: expected a topic in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "a verify that needs what is not there",
    (d) => {
      d.protect[0].verify.from = "targetGroup";
    },
    "protect[0].verify.from: expected launch.targetGroups with at least one ARN, or another from (got targetGroup without target groups)",
  ],
  [
    "no class of points kept",
    (d) => {
      d.protect[0].keep = { daily: 0 };
    },
    "protect[0].keep: expected at least one class above 0: hourly, daily, weekly, monthly or yearly (got 0 in all)",
  ],
  [
    "a quorum that needs the alarm of a dark Region",
    (d) => {
      d.detect.verdict.unhealthy = 3;
    },
    "detect.verdict.unhealthy: expected at most 2: the witnesses that can say unhealthy while eu-west-1 is dark are canary, region (got 3)",
  ],
  [
    "a quorum that needs an alarm in us-east-1",
    (d) => {
      d.detect.witnesses = [
        { name: "a", alarm: "a", region: "us-east-1" },
        { name: "b", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while us-east-1 is dark are b (got 2)",
  ],
  [
    "no regional witness",
    (d) => {
      d.detect.witnesses[2] = { name: "us", api: "us-west-2" };
    },
    "detect.verdict.regional: expected at most 0, the number of witnesses { api: eu-west-1 } (got 1)",
  ],
  [
    "automatic without a regional witness",
    (d) => {
      d.detect.verdict.regional = 0;
    },
    "detect.verdict.regional: expected at least 1 with action automatic: a bad release is no failed Region (got 0)",
  ],
  [
    "a probe through the switched name",
    (d) => {
      delete d.detect.witnesses[1].probe.connect;
    },
    "detect.witnesses[1].probe.connect: expected an address of the primary side, since shop.example.com is switched by traffic (got nothing)",
  ],
  [
    "launched: with the takeover switch",
    (d) => {
      d.traffic.records[0].recovery = "launched:web";
    },
    "traffic.records[0].recovery: expected an address that exists beforehand: the switch takeover changes no record (got launched:web)",
  ],
  [
    "launched: of a stranger",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      d.traffic.records[0].recovery = "launched:wbe";
    },
    "traffic.records[0].recovery: expected launched: with the name of a resource: app, web (got launched:wbe; did you mean launched:web?)",
  ],
  [
    "launched: on the primary side",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      d.traffic.records[0].primary = "launched:web";
    },
    "traffic.records[0].primary: expected an address of the primary: launched: is for recovery (got launched:web)",
  ],
  [
    "launched: in a record of host names",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { type: "CNAME", primary: "a.example.com", recovery: "launched:web" });
    },
    "traffic.records[0].recovery: expected the type A with launched: (got CNAME with launched:web)",
  ],
  [
    "the switch records without consent to the control plane",
    (d) => {
      d.traffic.switch = "records";
    },
    "traffic.acceptControlPlane: expected true: the switch records needs the Route 53 control plane in us-east-1 at the moment of a failover (got nothing)",
  ],
  [
    "a single record with takeover",
    (d) => {
      d.traffic.records[0].policy = "simple";
    },
    "traffic.records[0].policy: expected failover, the pair that the switch takeover turns (got simple)",
  ],
  [
    "an address of the wrong family",
    (d) => {
      d.traffic.records[0].type = "AAAA";
    },
    'traffic.records[0].primary: expected an IPv6 address such as 2001:db8::10 (got "192.0.2.10")',
  ],
  [
    "an alias in a record of host names",
    (d) => {
      Object.assign(d.traffic.records[0], { type: "CNAME", primary: ["a.example.com", "b.example.com"] });
    },
    "traffic.records[0].recovery: expected a host name: an alias has the type A or AAAA (got an alias for a CNAME)",
    "traffic.records[0].primary: expected one host name: a CNAME has one value (got a list of 2 entries)",
  ],
  [
    "both sides at one address",
    (d) => {
      d.traffic.records[0].recovery = ["192.0.2.10"];
    },
    "traffic.records[0].recovery[0]: expected an address of the recovery side (got 192.0.2.10, as in primary)",
  ],
  [
    "a recovery alias in the primary Region",
    (d) => {
      d.traffic.records[0].recovery.alias.name = "x.eu-west-1.elb.amazonaws.com";
    },
    "traffic.records[0].recovery.alias.name: expected an alias in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "both sides at one alias",
    (d) => {
      d.traffic.records[0].primary = d.traffic.records[0].recovery;
    },
    "traffic.records[0].recovery.alias.name: expected an alias of the recovery side (got web-shop-1234567890.eu-central-1.elb.amazonaws.com, as in primary)",
  ],
  [
    "one set identifier for both sides",
    (d) => {
      d.traffic.records[0].setIdentifiers = { primary: "x", recovery: "x" };
    },
    "traffic.records[0].setIdentifiers.recovery: expected another set identifier than the primary's (got x)",
  ],
  [
    "one record twice",
    (d) => {
      d.traffic.records.push({ ...d.traffic.records[0], name: "Shop.Example.com." });
    },
    "traffic.records[1].name: expected each name and type once (got Shop.Example.com. A again)",
  ],
  [
    "nothing to protect and nothing to move",
    (d) => {
      d.protect = [];
      d.recover.waves = [];
      delete d.traffic;
    },
    "protect: expected at least one resource, or traffic to move (got neither)",
  ],
];

const later: [name: string, edit: Edit, problem: string][] = [
  [
    "another kind, whatever its keys are",
    (d) => {
      d.protect[1] = { name: "web", kind: "aurora", cluster: "x" };
    },
    'protect[1].kind: expected instances (got "aurora": not supported yet)',
  ],
  [
    "action approve",
    (d) => {
      d.detect.action = "approve";
    },
    'detect.action: expected notify or automatic (got "approve": not supported yet)',
  ],
  [
    "a routing control",
    (d) => {
      d.traffic.switch = "routing-control";
    },
    'traffic.switch: expected takeover or records (got "routing-control": not supported yet)',
  ],
  [
    "a cluster",
    (d) => {
      d.traffic.cluster = "arn:x";
    },
    "traffic.cluster: expected no key cluster (got the key cluster: not supported yet)",
  ],
  [
    "another policy",
    (d) => {
      d.traffic.records[0].policy = "weighted";
    },
    'traffic.records[0].policy: expected failover or simple (got "weighted": not supported yet)',
  ],
  [
    "steps",
    (d) => {
      d.traffic.records[0].steps = [10, 50];
    },
    "traffic.records[0].steps: expected no key steps (got the key steps: not supported yet)",
  ],
  [
    "a gate",
    (d) => {
      d.traffic.records[0].gate = "2m";
    },
    "traffic.records[0].gate: expected no key gate (got the key gate: not supported yet)",
  ],
  [
    "routing controls of a record",
    (d) => {
      d.traffic.records[0].routingControls = {};
    },
    "traffic.records[0].routingControls: expected no key routingControls (got the key routingControls: not supported yet)",
  ],
  [
    "a health check as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "r", healthCheck: "11111111-2222-3333-4444-555555555555" };
    },
    "detect.witnesses[0].healthCheck: expected a witness of alarm, probe or api (got the key healthCheck: not supported yet)",
  ],
  [
    "silence as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "s", silence: "eu-west-1", after: "3m" };
    },
    "detect.witnesses[0].silence: expected a witness of alarm, probe or api (got the key silence: not supported yet)",
  ],
  [
    "AWS Health as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"], region: "eu-west-1" };
    },
    "detect.witnesses[0].awsHealth: expected a witness of alarm, probe or api (got the key awsHealth: not supported yet)",
  ],
  [
    "application consistency",
    (d) => {
      d.protect[0].consistency = { before: "x" };
    },
    "protect[0].consistency: expected no key consistency (got the key consistency: not supported yet)",
  ],
  [
    "a verify from subnets",
    (d) => {
      d.protect[0].verify.from = { subnets: [] };
    },
    "protect[0].verify.from: expected targetGroup, public or ssm (got a map with subnets: not supported yet)",
  ],
];

describe("compilePlan", () => {
  it.each(mistakes)("tells of %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
    expect(compilePlan(aDocument(edit)).plan).toBeNull();
  });

  it.each(later)("refuses what is not supported yet: %s", (_name, edit, problem) => {
    expect(problemsOf(edit)).toEqual([problem]);
  });

  it("tells of mistakes of form and across fields together", () => {
    const problems = problemsOf((d) => {
      d.application = "Shop!";
      d.protect[0].every = "hourly";
      d.protect[0].encrypt.key = "arn:aws:kms:eu-west-1:111122223333:alias/x";
      d.recover.waves = [["app"]];
    });
    expect(problems).toHaveLength(4);
  });

  it("names what is stored and not used yet", () => {
    const { notes, plan } = compilePlan(
      aDocument((d) => {
        d.priority = 1;
        d.detect.approval = { within: "10m", otherwise: "act" };
        d.detect.maintenance = [{ cron: "0 2 ? * SUN *", for: "2h" }];
        d.detect.block = "2h";
        Object.assign(d.protect[0], { keep: { daily: 7 }, timeBased: true, lock: "7d" });
        d.protect[0].launch.drillSubnets = { "eu-central-1a": ["subnet-0d"] };
      }),
    );
    expect(notes.map(({ path, message }) => `${pathText(path)}: ${message}`)).toEqual([
      "priority: stored, not used yet",
      "detect.approval: stored, not used yet",
      "detect.block: used by detect; acknowledging is not supported yet",
      "detect.maintenance: stored, not used yet",
      "protect[0].keep: stored, not used yet",
      "protect[0].timeBased: stored, not used yet",
      "protect[0].lock: stored, not used yet",
      "protect[0].launch.drillSubnets: stored, not used yet",
    ]);
    expect(plan).toMatchObject({
      priority: 1,
      detect: {
        approval: { withinSeconds: 600, otherwise: "act" },
        maintenance: [{ cron: "0 2 ? * SUN *", forSeconds: 7200 }],
        blockSeconds: 7200,
      },
    });
    expect(plan?.protect[0]).toMatchObject({
      keep: { hourly: 0, daily: 7, weekly: 0, monthly: 0, yearly: 0 },
      timeBased: true,
      lockSeconds: 604_800,
      launch: { drillSubnets: { "eu-central-1a": ["subnet-0d"] } },
    });
  });

  it.each<[string, Edit, string[]]>([
    [
      "a schedule that misses the rpo",
      (d) => {
        d.protect[0].every = "rate(1 hour)";
      },
      [
        "protect[0].every: points can get 75 minutes old (the longest interval and 15 minutes for the copy), above the rpo of 1h",
      ],
    ],
    [
      "the longest gap of a cron schedule",
      (d) => {
        d.protect[0].every = "cron(0/30 8-17 * * ? *)";
      },
      [
        "protect[0].every: points can get 885 minutes old (the longest interval and 15 minutes for the copy), above the rpo of 1h",
      ],
    ],
    [
      "a verify from outside without Elastic IPs",
      (d) => {
        d.protect[0].verify.from = "public";
      },
      [
        "protect[0].verify.from: servers without an Elastic IP answer from outside only if their subnet gives them a public address",
      ],
    ],
    [
      "a fence that cannot be proven",
      (d) => {
        d.recover.fence = "required";
      },
      ["recover.fence: required: while eu-west-1 cannot be reached, nothing fails over, by itself or by hand"],
    ],
    [
      "a plan that nobody watches",
      (d) => {
        delete d.detect;
      },
      ["detect: nothing watches this application: only a person starts a failover"],
    ],
    [
      "a notice to nobody",
      (d) => {
        d.detect.action = "notify";
        delete d.notify;
      },
      ["detect.action: notify tells nobody without notify.topics"],
    ],
    [
      "a ttl above the rto",
      (d) => {
        d.traffic.records[0].ttl = 3600;
      },
      ["traffic.records[0].ttl: resolvers keep the old answer for 3600 s, longer than the rto of 15m"],
    ],
  ])("warns of %s, and compiles", (_name, edit, warnings) => {
    expect(warningsOf(edit)).toEqual(warnings);
    expect(compilePlan(aDocument(edit)).plan).not.toBeNull();
  });

  it.each<[string, Edit]>([
    [
      "traffic alone, a warm standby by other means",
      (d) => {
        d.protect = [];
        delete d.recover;
      },
    ],
    [
      "a plan without traffic",
      (d) => {
        delete d.traffic;
      },
    ],
    [
      "launched: with the switch records",
      (d) => {
        d.traffic.switch = "records";
        d.traffic.acceptControlPlane = true;
        Object.assign(d.traffic.records[0], { policy: "simple", recovery: "launched:web" });
      },
    ],
    [
      "a probe through another name",
      (d) => {
        d.detect.witnesses[1].probe = { url: "https://direct.example.com/" };
      },
    ],
    [
      "a quorum that is reachable when us-east-1 is dark, from a plan that recovers there",
      (d) => {
        d.regions = { primary: "us-west-2", recovery: "us-east-1" };
        d.protect = [];
        delete d.recover;
        delete d.notify;
        d.detect.witnesses = [
          { name: "a", alarm: "a", region: "us-east-1" },
          { name: "b", api: "us-west-2" },
        ];
      },
    ],
  ])("takes %s", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(compilePlan(aDocument(edit)).plan).not.toBeNull();
  });

  it("fills in what a plan leaves out", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        delete d.recover;
        delete d.notify;
        delete d.protect[0].verify;
        d.protect[0].launch = { subnets: { "eu-central-1a": ["subnet-1", "subnet-2"] }, securityGroups: ["sg-1"] };
      }),
    );
    expect(plan?.recover).toEqual({
      waves: [["app", "web"]],
      fence: "best-effort",
      fenceFirst: false,
      onFailure: "hold",
      lossBudgetSeconds: 3600,
    });
    expect(plan?.notify).toEqual({ topics: [], on: ["decision", "hold", "done", "rpo"] });
    expect(plan?.protect[0]).toMatchObject({ verify: null, encryptKey: "alias/lifeboat", everySeconds: 1800 });
    expect(plan?.protect[0]?.launch).toEqual({
      subnets: { "eu-central-1a": ["subnet-1", "subnet-2"] },
      drillSubnets: {},
      securityGroups: ["sg-1"],
      instanceTypes: ["same"],
      instanceProfile: "same",
      address: "auto",
      elasticIps: [],
      targetGroups: [],
      userData: "same",
      tags: {},
      minimumPercent: 100,
      overrides: {},
    });
  });

  it("compiles every form of a record's value, its name in lower case without the last dot", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
        Object.assign(d.traffic.records[0], { name: "Shop.Example.com.", primary: ["192.0.2.1", "192.0.2.2"] });
        d.traffic.records.push({
          name: "app.example.com",
          type: "A",
          policy: "simple",
          primary: "192.0.2.3",
          recovery: "launched:app",
          zone: "Z2",
        });
      }),
    );
    expect(plan?.traffic?.records).toMatchObject([
      { name: "shop.example.com", primary: { addresses: ["192.0.2.1", "192.0.2.2"] }, recovery: { alias: {} } },
      {
        name: "app.example.com",
        primary: { addresses: ["192.0.2.3"] },
        recovery: { launched: "app" },
        ttlSeconds: 60,
        zone: "Z2",
      },
    ]);
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withMap: true }), (document) => {
        const { plan, problems } = compilePlan(document);
        expect(plan).toBeNull();
        expect(problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it("never throws when one part of a good plan is anything", () => {
    const paths = pathsOf(aDocument());
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        const document = aDocument((d) => replace(d, path, value));
        const { plan, problems } = compilePlan(document);
        expect(plan === null).toBe(problems.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});

type Key = string | number;
const pathsOf = (node: unknown, path: Key[] = []): Key[][] => {
  if (node === null || typeof node !== "object") return [path];
  const inner = Object.entries(node).flatMap(([key, value]) => pathsOf(value, [...path, key]));
  return path.length ? [path, ...inner] : inner;
};
// biome-ignore lint/suspicious/noExplicitAny: the cases put anything anywhere
const replace = (document: any, path: Key[], value: unknown) => {
  const parent = path.slice(0, -1).reduce((node, key) => node[key], document);
  parent[path.at(-1)!] = value;
};
