import { describe, expect, it } from "vitest";
import { aRoutedTraffic, control, type Edit, problemsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
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

describe("the form of traffic", () => {
  it.each(mistakes)("the form of traffic refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });
});
