import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
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
];

const doubts: [name: string, edit: Edit, ...warnings: string[]][] = [
  [
    "a ttl above the rto",
    (d) => {
      d.traffic.records[0].ttl = 3600;
    },
    "traffic.records[0].ttl: resolvers keep the old answer for 3600 s, longer than the rto of 15m",
  ],
];

describe("the traffic of a plan", () => {
  it.each(mistakes)("refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
});
