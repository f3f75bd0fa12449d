import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "a quorum that needs the alarm of a dark Region",
    (d) => {
      d.detect.verdict.unhealthy = 3;
    },
    "detect.verdict.unhealthy: expected at most 2: the witnesses that can say unhealthy while eu-west-1 does not answer are canary, region (got 3)",
  ],
  [
    "a quorum that needs an alarm in us-east-1",
    (d) => {
      d.detect.witnesses = [
        { name: "a", alarm: "a", region: "us-east-1" },
        { name: "b", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while us-east-1 does not answer are b (got 2)",
  ],
  [
    "no regional witness",
    (d) => {
      d.detect.witnesses[2] = { name: "us", api: "us-west-2" };
      d.detect.verdict.unhealthy = 1;
    },
    "detect.verdict.regional: expected at most 0, the number of witnesses api, silence or awsHealth of eu-west-1 (got 1)",
  ],
  [
    "automatic without a regional witness",
    (d) => {
      d.detect.verdict.regional = 0;
    },
    "detect.verdict.regional: expected at least 1 with action automatic: a bad release is not a failed Region (got 0)",
  ],
  [
    "a probe through the switched name",
    (d) => {
      delete d.detect.witnesses[1].probe.connect;
    },
    "detect.witnesses[1].probe.connect: expected an address of the primary side, since shop.example.com is switched by traffic (got nothing)",
  ],
  [
    "a probe that connects to the switched name",
    (d) => {
      d.detect.witnesses[1].probe = { url: "https://direct.example.com/", connect: "Shop.example.com." };
    },
    "detect.witnesses[1].probe.connect: expected an address of the primary side, since Shop.example.com. is switched by traffic (got Shop.example.com.)",
  ],
  [
    "a probe of the primary that connects to the other side",
    (d) => {
      d.traffic.records[0].recovery = "198.51.100.10";
      d.detect.witnesses[1].probe.connect = "198.51.100.10";
    },
    "detect.witnesses[1].probe.connect: expected an address of the primary side (got 198.51.100.10 of the other side)",
  ],
  [
    "a quorum that needs the API of another Region",
    (d) => {
      d.detect.witnesses[2] = { name: "us", api: "us-west-2" };
      d.detect.verdict.regional = 0;
      d.detect.action = "approve";
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while eu-west-1 does not answer are canary (got 2)",
  ],
  [
    "a quorum that needs a probe from a Region that is dark",
    (d) => {
      d.detect.witnesses = [
        { name: "afar", probe: { url: "https://direct.example.com/", from: "us-east-1" } },
        { name: "region", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while us-east-1 does not answer are region (got 2)",
  ],
  [
    "a quorum that needs a probe of the recovery side",
    (d) => {
      d.detect.witnesses = [
        { name: "there", probe: { url: "https://direct.example.com/", side: "recovery" } },
        { name: "region", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while eu-west-1 does not answer are region (got 2)",
  ],
  [
    "a quorum that needs the silence of another Region",
    (d) => {
      d.detect.witnesses = [
        { name: "quiet", silence: "us-east-1", after: "3m" },
        { name: "region", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while eu-west-1 does not answer are region (got 2)",
  ],
  [
    "a quorum that needs AWS Health through its backup Region",
    (d) => {
      inOregon(d);
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "us-west-2" },
        { name: "region", api: "us-west-2" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while us-east-1 does not answer are region (got 2)",
  ],
  [
    "a regional quorum that needs AWS Health through its backup Region",
    (d) => {
      inOregon(d);
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "us-west-2" },
        { name: "region", api: "us-west-2" },
        { name: "a", probe: { url: "https://direct.example.com/" } },
      ];
      d.detect.verdict = { unhealthy: 2, regional: 2 };
    },
    "detect.verdict.regional: expected at most 1: the regional witnesses that can say unhealthy while us-east-1 does not answer are region (got 2)",
  ],
  [
    "a regional quorum by default that AWS Health cannot give",
    (d) => {
      inOregon(d);
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "us-west-2" },
        { name: "a", probe: { url: "https://direct.example.com/" } },
      ];
      d.detect.verdict = { unhealthy: 1 };
    },
    "detect.verdict.regional: expected at most 0: the regional witnesses that can say unhealthy while us-east-1 does not answer are none (got 1)",
  ],
  [
    "a quorum that is out of reach in two ways, both told at once and the Region named that leaves the fewest",
    (d) => {
      inOregon(d);
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "us-west-2" },
        { name: "region", api: "us-west-2" },
        { name: "virginia", alarm: "seen-from-afar", region: "us-east-1" },
        { name: "errors", alarm: "web-shop-5xx", region: "us-west-2" },
        { name: "disk", alarm: "web-shop-disk", region: "us-east-1" },
      ];
      d.detect.verdict = { unhealthy: 5, regional: 2 };
    },
    "detect.verdict.unhealthy: expected at most 2: the witnesses that can say unhealthy while us-east-1 does not answer are region, errors (got 5)",
    "detect.verdict.regional: expected at most 1: the regional witnesses that can say unhealthy while us-east-1 does not answer are region (got 2)",
  ],
  [
    "AWS Health of a partition without a backup Region",
    (d) => {
      d.regions = { primary: "cn-north-1", recovery: "cn-northwest-1" };
      d.protect = [];
      delete d.recover;
      delete d.notify;
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "cn-north-1" },
        { name: "region", api: "cn-north-1" },
      ];
    },
    "regions.primary: expected a Region of the partition aws, as the Route 53 of others is controlled elsewhere (got cn-north-1)",
    "regions.recovery: expected a Region of the partition aws, as the Route 53 of others is controlled elsewhere (got cn-northwest-1)",
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while cn-north-1 does not answer are region (got 2)",
  ],
];

const doubts: [name: string, edit: Edit, ...warnings: string[]][] = [
  [
    "a plan that nobody watches",
    (d) => {
      delete d.detect;
    },
    "detect: no witness: only a person can start a failover",
  ],
  [
    "a notice to nobody",
    (d) => {
      d.detect.action = "notify";
      delete d.notify;
    },
    "detect.action: notify reaches nobody without notify.topics",
  ],
  [
    "a question to nobody",
    (d) => {
      d.detect.action = "approve";
      delete d.notify;
    },
    "detect.action: without notify.topics nobody gets the approval request: a person has to find it",
    "objectives.rto: 15m is missed when the approval comes late: detect.approval.within is 30m, and the rest takes at least 390 s",
  ],
  [
    "a failover that nobody hears of",
    (d) => {
      d.detect.action = "automatic";
      delete d.notify;
    },
    "detect.action: decisions and alarms reach nobody without notify.topics",
  ],
  [
    "a notice that is not wanted",
    (d) => {
      d.detect.action = "notify";
      d.notify.on = ["done"];
    },
    "detect.action: notify reaches nobody: notify.on leaves out decision",
  ],
  [
    "a probe of a name that a wildcard may switch",
    (d) => {
      d.traffic.records[0].name = "*.example.com";
      d.detect.witnesses[1].probe = { url: "https://shop.example.com/" };
    },
    "detect.witnesses[1].probe.connect: shop.example.com is switched by traffic with *.example.com, unless it has a record of its own",
  ],
  [
    "a maintenance that never ends",
    (d) => {
      d.detect.maintenance = [
        { cron: "0 * * * ? *", for: "1h" },
        { cron: "0 2 ? * SUN *", for: "2h" },
      ];
    },
    "detect.maintenance[0].for: 1h: the next window can begin after 60 minutes, before this one has ended, so no run ever starts automatically",
  ],
];

/** From Oregon to Ohio, without servers. */
const inOregon: Edit = (d) => {
  d.regions = { primary: "us-west-2", recovery: "us-east-2" };
  d.protect = [];
  d.traffic.records[0].recovery = "198.51.100.10";
  delete d.recover;
  delete d.notify;
};

const taken: [name: string, edit: Edit][] = [
  [
    "a quorum of health check and silence, whose primary is us-east-1 and dark",
    (d) => {
      d.regions = { primary: "us-east-1", recovery: "eu-central-1" };
      d.notify.topics.pop();
      d.detect.witnesses = [
        { name: "r53", healthCheck: "11111111-2222-3333-4444-555555555555" },
        { name: "quiet", silence: "us-east-1", after: "3m" },
      ];
    },
  ],
  [
    "a quorum of AWS Health and a health check, when us-east-1 is the recovery Region",
    (d) => {
      inOregon(d);
      d.regions.recovery = "us-east-1";
      d.detect.witnesses = [
        { name: "health", awsHealth: ["EC2"], region: "us-west-2" },
        { name: "r53", healthCheck: "11111111-2222-3333-4444-555555555555" },
      ];
    },
  ],
  [
    "a quorum of silence and AWS Health while us-east-1 is dark",
    (d) => {
      d.detect.witnesses = [
        { name: "quiet", silence: "eu-west-1", after: "3m" },
        { name: "health", awsHealth: ["EC2"], region: "eu-west-1" },
      ];
    },
  ],
  [
    "no regional witness when a person decides",
    (d) => {
      d.detect.action = "approve";
      d.detect.witnesses[2] = { name: "r53", healthCheck: "11111111-2222-3333-4444-555555555555" };
      d.detect.verdict.regional = 0;
    },
  ],
];

describe("the witnesses of a plan", () => {
  it.each(mistakes)("the rules of witnesses refuse %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(taken)("the witnesses of a plan take %s", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
  });

  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
});
