import { describe, expect, it } from "vitest";
import { aRoutedTraffic, type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "launched: with the takeover switch",
    (d) => {
      d.traffic.records[0].recovery = "launched:web";
    },
    "traffic.records[0].recovery: expected an address that already exists: the switch takeover changes no record (got launched:web)",
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
    "traffic.records[0].recovery: expected the type A or AAAA with launched: (got CNAME with launched:web)",
  ],
  [
    "the name of a load balancer in place of an address",
    (d) => {
      d.traffic.records[0].recovery = "shop-1.eu-central-1.elb.amazonaws.com";
    },
    'traffic.records[0].recovery: expected an IPv4 address such as 192.0.2.10, or { alias: { zone, name } } of a load balancer (got "shop-1.eu-central-1.elb.amazonaws.com")',
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
    "launched: with routing controls",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.records[0].recovery = "launched:web";
    },
    "traffic.records[0].recovery: expected an address that already exists: the switch routing-control changes no record (got launched:web)",
  ],
  [
    "set identifiers of a single record",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "simple", setIdentifiers: { primary: "a", recovery: "b" } });
    },
    "traffic.records[0].setIdentifiers: expected no setIdentifiers with the policy simple: its one set has none (got them with simple)",
  ],
  [
    "a multivalue alias",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      d.traffic.records[0].policy = "multivalue";
    },
    "traffic.records[0].recovery: expected addresses: Route 53 has no multivalue alias (got an alias with multivalue)",
  ],
  [
    "a multivalue CNAME",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "multivalue", type: "CNAME" });
      Object.assign(d.traffic.records[0], { primary: "a.example.com", recovery: "b.example.com" });
    },
    "traffic.records[0].policy: expected another policy: Route 53 has no multivalue CNAME (got multivalue with CNAME)",
  ],
  [
    "a CNAME beside an address",
    (d) => {
      d.traffic.records.push({
        ...d.traffic.records[0],
        type: "CNAME",
        primary: "a.example.com",
        recovery: "b.example.com",
      });
    },
    "traffic.records[1].type: expected the CNAME of shop.example.com alone at its name (got CNAME beside A)",
  ],
  [
    "a zone that is public and private",
    (d) => {
      d.traffic.records.push({ ...d.traffic.records[0], name: "b.example.com", private: true });
      d.traffic.records.push({ ...d.traffic.records[0], name: "c.example.com", zone: "Z2", private: true });
      d.traffic.records.push({ ...d.traffic.records[0], name: "d.example.com", zone: "Z2" });
    },
    "traffic.records[1].private: expected false, as the other records of zone Z0123456789ABCDEFGHIJ (got true)",
    "traffic.records[3].private: expected true, as the other records of zone Z2 (got false)",
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

const taken: [name: string, edit: Edit][] = [
  [
    "A with AAAA of one name, in a public and in a private zone",
    (d) => {
      const [record] = d.traffic.records;
      const six = { ...record, type: "AAAA", primary: "2001:db8::10" };
      d.traffic.records = [
        record,
        six,
        { ...record, zone: "Z2", private: true },
        { ...six, zone: "Z2", private: true },
      ];
    },
  ],
  [
    "the policy weighted with the switch records",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "weighted", recovery: "198.51.100.10" });
    },
  ],
  [
    "the policy latency with the switch records",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "latency", recovery: "198.51.100.10" });
    },
  ],
  [
    "the policy geolocation with the switch records",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "geolocation", recovery: "198.51.100.10" });
    },
  ],
  [
    "the policy multivalue with the switch records",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = true;
      Object.assign(d.traffic.records[0], { policy: "multivalue", recovery: "198.51.100.10" });
    },
  ],
];

describe("the traffic of a plan", () => {
  it.each(mistakes)("the traffic of a plan refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(taken)("the traffic of a plan takes %s", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
  });

  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
});
