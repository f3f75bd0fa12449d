import { describe, expect, it } from "vitest";
import { notARegion } from "../../../../functions/core/region-names.ts";
import {
  balancerZones,
  regionOfBalancer,
  regionOfBalancerZone,
} from "../../../../functions/core/traffic/load-balancer-zones.ts";
import { type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const record =
  (recovery: unknown): Edit =>
  (d) => {
    d.traffic.records[0].recovery = recovery;
  };
const other = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:999922223333:${rest}`;

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "a primary Region that does not exist",
    (d) => {
      d.regions.primary = "eu-west-7";
      for (const part of ["detect", "notify"]) delete d[part];
    },
    "regions.primary: expected the name of a Region of AWS, such as eu-west-1 (got eu-west-7; did you mean eu-west-1?)",
  ],
  [
    "a Region of a probe that does not exist",
    (d) => {
      d.detect.witnesses[1].probe.from = "us-east-3";
    },
    "detect.witnesses[1].probe.from: expected the name of a Region of AWS, such as eu-west-1 (got us-east-3; did you mean us-east-1?)",
  ],
  [
    "a control that does not exist",
    (d) => {
      d.detect.control = "us-west-9";
    },
    "detect.control: expected the name of a Region of AWS, such as eu-west-1 (got us-west-9; did you mean us-west-1?)",
  ],
  [
    "ARNs of two accounts",
    (d) => {
      d.protect[0].encrypt = { key: other("kms", "alias/x") };
    },
    "protect[1].launch.targetGroups[0]: expected an ARN of account 999922223333, as the others (got one of 111122223333)",
    "notify.topics[0]: expected an ARN of account 999922223333, as the others (got one of 111122223333)",
    "notify.topics[1]: expected an ARN of account 999922223333, as the others (got one of 111122223333)",
  ],
  [
    "the zone of a load balancer of another Region",
    record({ alias: { zone: "Z32O12XQLNTSW2", name: "shop-1.eu-central-1.elb.amazonaws.com" } }),
    "traffic.records[0].recovery.alias.zone: expected the zone of load balancers in eu-central-1: Z215JYRZR1TBD5, or Z3F0SRJ5LGBH90 of a Network Load Balancer (got Z32O12XQLNTSW2, that of eu-west-1)",
  ],
];

const doubts: [name: string, edit: Edit, ...warnings: string[]][] = [
  [
    "an alias behind which nothing is registered",
    (d) => {
      for (const resource of d.protect) delete resource.launch.targetGroups;
      for (const resource of d.protect) resource.verify = { http: ":80/", from: "ssm" };
      record({ alias: { zone: "Z215JYRZR1TBD5", name: "shop-1.eu-central-1.elb.amazonaws.com" } })(d);
    },
    "traffic.records[0].recovery: no resource has launch.targetGroups: shop-1.eu-central-1.elb.amazonaws.com gets none of the launched servers",
  ],
  [
    "an address of no launched server",
    (d) => {
      for (const resource of d.protect) resource.launch.address = "auto";
      record("10.1.3.10")(d);
    },
    "traffic.records[0].recovery: no launched server has the address 10.1.3.10: set it in launch.address if a launched server should have it",
  ],
  [
    "an rto below what the plan itself waits for",
    (d) => {
      d.objectives.rto = "1m";
      d.protect = [];
      delete d.recover;
    },
    "objectives.rto: 1m cannot be met: detect.verdict.sustained of 3m (180 s), the metric of the switch (60 s), the ttl of the records (30 s) take at least 270 s",
  ],
  [
    "an rto that a late answer uses up",
    (d) => {
      d.detect.action = "approve";
      d.objectives.rto = "30m";
    },
    "objectives.rto: 30m is missed when the approval comes late: detect.approval.within is 30m, and the rest takes at least 390 s",
  ],
];

const taken: [name: string, edit: Edit][] = [
  ["the plan as it is", () => {}],
  ["a Network Load Balancer", record({ alias: { zone: "Z3F0SRJ5LGBH90", name: "n.elb.eu-central-1.amazonaws.com" } })],
  [
    "an alias in a zone that is not known",
    record({ alias: { zone: "Z0000000OTHER", name: "x.eu-central-1.elb.amazonaws.com" } }),
  ],
  ["an alias to something else", record({ alias: { zone: "Z2FDTNDATAQYW2", name: "d111.cloudfront.net" } })],
  ["a public address", record("198.51.100.10")],
  [
    "an address that a server is given",
    (d) => {
      for (const resource of d.protect) resource.launch.address = "auto";
      d.protect[0].launch.overrides = { "db-1": { address: "10.1.3.10" } };
      record("10.1.3.10")(d);
    },
  ],
  [
    "an address among those that keep their host part",
    (d) => {
      d.protect[0].launch.address = "same-host-part";
      record("10.1.3.10")(d);
    },
  ],
];

describe("what a plan alone tells of its reach", () => {
  it.each(mistakes)("refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });
  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
  it.each(taken)("takes %s", (_name, edit) => {
    expect([problemsOf(edit), warningsOf(edit)]).toEqual([[], []]);
  });
});

describe("zones of load balancers", () => {
  it("zones of load balancers are each of one Region, which exists", () => {
    const regions = ["eu-west-1", "eu-central-1", "us-east-1", "sa-east-1", "me-south-1"];
    for (const region of regions) {
      expect(notARegion(region)).toBeNull();
      expect(balancerZones(region)!.map(regionOfBalancerZone)).toEqual([region, region]);
    }
    expect(balancerZones("eu-nowhere-1")).toBeNull();
  });
  it("go by the name of the load balancer, in either of its forms", () => {
    expect(regionOfBalancer("dualstack.web-1.us-east-1.elb.amazonaws.com.")).toBe("us-east-1");
    expect(regionOfBalancer("net-1.elb.us-east-1.amazonaws.com")).toBe("us-east-1");
    expect(regionOfBalancer("elb.example.com")).toBeNull();
  });
});
