import { describe, expect, it } from "vitest";
import { aRoutedTraffic, control, type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
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
    "traffic.records[0].policy: expected failover: the switch takeover flips a failover pair (got simple)",
  ],
  [
    "a consent that is withheld",
    (d) => {
      d.traffic.switch = "records";
      d.traffic.acceptControlPlane = false;
    },
    "traffic.acceptControlPlane: expected true: the switch records needs the Route 53 control plane in us-east-1 at the moment of a failover (got false)",
  ],
  [
    "weights with takeover",
    (d) => {
      d.traffic.records[0].policy = "weighted";
    },
    "traffic.records[0].policy: expected failover: the switch takeover flips a failover pair (got weighted)",
  ],
  [
    "weights with routing controls",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.records[0].policy = "weighted";
    },
    "traffic.records[0].policy: expected failover, the pair whose health checks follow the routing controls (got weighted)",
  ],
  [
    "routing controls without a cluster",
    (d) => {
      d.traffic.switch = "routing-control";
    },
    "traffic.cluster: expected { endpoints: [{ region, url }, …] }: the five endpoints of the cluster, because they cannot be looked up during a failover (got nothing)",
    "traffic.records[0].routingControls: expected { primary, recovery }: the ARNs of the controls behind the two sets (got nothing)",
  ],
  [
    "a cluster and routing controls with another switch",
    (d) => {
      d.traffic = { ...aRoutedTraffic(), switch: "takeover" };
    },
    "traffic.cluster: expected no cluster without the switch routing-control (got one with takeover)",
    "traffic.records[0].routingControls: expected no routingControls without the switch routing-control (got them with takeover)",
  ],
  [
    "one control for both sides",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.records[0].routingControls.recovery = control("a");
    },
    "traffic.records[0].routingControls.recovery: expected a routing control of the recovery side (got one of a primary side)",
  ],
  [
    "a control that is primary here and recovery there",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.records.push({
        ...d.traffic.records[0],
        name: "b.example.com",
        routingControls: { primary: control("c"), recovery: control("a") },
      });
    },
    "traffic.records[1].routingControls.recovery: expected a routing control of the recovery side (got one of a primary side)",
  ],
  [
    "more routing controls than one call turns",
    (d) => {
      d.traffic = aRoutedTraffic();
      const [first] = d.traffic.records;
      d.traffic.records = Array.from({ length: 6 }, (_, nth) => ({
        ...first,
        name: `n${nth}.example.com`,
        routingControls: { primary: control(`p${nth}`), recovery: control(`r${nth}`) },
      }));
    },
    "traffic.records: expected at most 10 routing controls, the limit of one call (got 12)",
  ],
  [
    "an endpoint twice",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.cluster.endpoints[1] = d.traffic.cluster.endpoints[0];
    },
    "traffic.cluster.endpoints[1].region: expected each Region once (got us-east-1 again)",
  ],
  [
    "an endpoint under the name of another Region",
    (d) => {
      d.traffic = aRoutedTraffic();
      d.traffic.cluster.endpoints[2].url = d.traffic.cluster.endpoints[3].url;
    },
    "traffic.cluster.endpoints[2].url: expected the endpoint in eu-west-1 (got one in ap-northeast-1)",
  ],
  [
    "steps and a gate of a pair",
    (d) => {
      Object.assign(d.traffic.records[0], { steps: [10, 100], gate: "2m" });
    },
    "traffic.records[0].steps: expected no steps without the policy weighted (got them with failover)",
    "traffic.records[0].gate: expected no gate without the policy weighted (got one with failover)",
  ],
];

describe("the switch of a plan", () => {
  it.each(mistakes)("the switch of a plan refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it("the switch of a plan takes a pair behind routing controls, all of it one batch", () => {
    expect(
      problemsOf((d) => {
        d.traffic = aRoutedTraffic();
        d.traffic.records.push({ ...d.traffic.records[0], name: "b.example.com" });
      }),
    ).toEqual([]);
  });

  it("the switch of a plan takes endpoints that do not tell their Region", () => {
    expect(
      problemsOf((d) => {
        d.traffic = aRoutedTraffic();
        for (const [index, endpoint] of d.traffic.cluster.endpoints.entries())
          endpoint.url = `https://h${index}.example.com`;
      }),
    ).toEqual([]);
  });

  it("warns of a health check that no switch reads", () => {
    expect(
      warningsOf((d) => {
        d.traffic = { ...aRoutedTraffic(), healthCheck: "create" };
      }),
    ).toEqual(["traffic.healthCheck: only the switch takeover has a health check of its own, not routing-control"]);
  });

  it.each<[string, object, string[]]>([
    [
      "steps without a gate",
      { steps: [10, 100] },
      ["steps: without a gate no step is observed: all traffic moves at once"],
    ],
    [
      "a gate of no time",
      { steps: [10, 100], gate: "0s" },
      ["steps: without a gate no step is observed: all traffic moves at once"],
    ],
    [
      "a gate without steps",
      { gate: "2m" },
      ["gate: without steps there is nothing to observe: all traffic moves at once"],
    ],
    ["nothing of steps with a gate", { steps: [10, 50, 100], gate: "2m" }, []],
    ["nothing of weights that move at once", {}, []],
  ])("warns of %s", (_name, weighted, warnings) => {
    const edit: Edit = (d) => {
      Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
      Object.assign(d.traffic.records[0], { policy: "weighted", ...weighted });
      delete d.traffic.healthCheck;
    };
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings.map((warning) => `traffic.records[0].${warning}`));
  });

  it("the switch of a plan says nothing of what the schema refused", () => {
    expect(
      problemsOf((d) => {
        d.traffic = { ...aRoutedTraffic(), switch: "dns", cluster: 1 };
        d.traffic.records[0].policy = "random";
      }).map((line) => line.split(":")[0]),
    ).toEqual(["traffic.switch", "traffic.cluster", "traffic.records[0].policy"]);
  });
});

it("warns of the switch records where the control plane of Route 53 goes dark with the primary", () => {
  const from = (primary: string) =>
    warningsOf((d) => {
      d.regions = { primary, recovery: "us-west-2" };
      Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
    }).filter((warning) => warning.startsWith("traffic.switch"));
  expect(from("us-east-1")).toEqual([
    "traffic.switch: records cannot move while us-east-1 does not answer, because its control plane runs there; takeover can",
  ]);
  expect(from("eu-west-1")).toEqual([]);
});
