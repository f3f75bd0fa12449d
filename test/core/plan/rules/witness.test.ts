import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const id = "11111111-2222-3333-4444-555555555555";
/** One more witness beside the three of the web shop. */
const more =
  (...witnesses: object[]): Edit =>
  (d) => {
    d.detect.witnesses.push(...witnesses);
  };
const probeOf = (probe: object) => more({ name: "more", probe: { url: "https://direct.example.com/", ...probe } });

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "a silence of the recovery Region",
    more({ name: "more", silence: "eu-central-1", after: "3m" }),
    "detect.witnesses[3].silence: expected the primary Region eu-west-1: an unhealthy recovery Region is no reason to move there (got eu-central-1)",
  ],
  [
    "AWS Health of the recovery Region",
    more({ name: "more", awsHealth: ["EC2"], region: "eu-central-1" }),
    "detect.witnesses[3].region: expected the primary Region eu-west-1: an unhealthy recovery Region is no reason to move there (got eu-central-1)",
  ],
  [
    "the API of the recovery Region",
    more({ name: "more", api: "eu-central-1" }),
    "detect.witnesses[3].api: expected the primary Region eu-west-1: an unhealthy recovery Region is no reason to move there (got eu-central-1)",
  ],
  [
    "a probe from the primary",
    probeOf({ from: "eu-west-1" }),
    "detect.witnesses[3].probe.from: expected a third Region, which still works when the primary has failed (got the primary, eu-west-1)",
  ],
  [
    "a probe from the recovery Region",
    probeOf({ from: "eu-central-1" }),
    "detect.witnesses[3].probe.from: expected a third Region, or no from (got the recovery Region eu-central-1, which probes anyway)",
  ],
  [
    "a probe from another partition",
    probeOf({ from: "cn-north-1" }),
    "detect.witnesses[3].probe.from: expected a Region of the same partition as eu-central-1 (got cn-north-1)",
  ],
  [
    "a status and a text of a TCP connection",
    probeOf({ url: "tcp://192.0.2.10:5432", expect: 200, contains: "ok" }),
    "detect.witnesses[3].probe.expect: expected no expect with tcp://: such a probe only opens a connection (got expect)",
    "detect.witnesses[3].probe.contains: expected no contains with tcp://: such a probe only opens a connection (got contains)",
  ],
  [
    "more and longer alarms than one event pattern holds",
    more(
      ...[1, 2, 3, 4, 5, 6, 7].map((nth) => ({ name: `a${nth}`, alarm: `${nth}`.repeat(250), region: "eu-west-1" })),
    ),
    "detect.witnesses: expected alarm names of at most 1600 characters in total, the limit of one event pattern (got 1786 characters)",
  ],
  [
    "a health check without traffic",
    (d) => {
      more({ name: "more", healthCheck: id })(d);
      delete d.traffic;
    },
    "detect.witnesses[3].healthCheck: expected traffic with a zone: it is read through a TXT pair there (got a plan without traffic)",
  ],
  [
    "a health check without a record beside which it could be read",
    (d) => {
      more({ name: "more", healthCheck: id })(d);
      d.traffic.records[0].zone = "Z2";
    },
    "detect.witnesses[3].healthCheck: expected a record in the zone of traffic: it is read through a TXT pair there (got records of other zones only)",
  ],
  [
    "a health check in a private zone",
    (d) => {
      more({ name: "more", healthCheck: id })(d);
      d.traffic.records[0].private = true;
    },
    "detect.witnesses[3].healthCheck: expected a public zone of traffic: it is read through a TXT pair there, by the public DNS (got a private one)",
  ],
  [
    "the health check that moves the traffic",
    (d) => {
      more({ name: "more", healthCheck: id })(d);
      d.traffic.healthCheck = id;
    },
    `detect.witnesses[3].healthCheck: expected another check than the one that moves the traffic (got ${id})`,
  ],
  [
    "a further health check whose name has no room in the DNS",
    (d) => {
      d.application = "a".repeat(32);
      more({ name: "more", healthCheck: id }, { name: "b".repeat(32), healthCheck: id.replace("1", "2") })(d);
    },
    `detect.witnesses[4].name: expected a name that is 12 shorter: _lifeboat-${"a".repeat(32)}-${"b".repeat(32)}… is too long for DNS (got 75 characters)`,
  ],
  [
    "one API with two votes",
    more({ name: "more", api: "eu-west-1" }),
    "detect.witnesses[3]: expected its own signal: one signal must not have two votes (got the same signal as region)",
  ],
  [
    "one silence with two votes, whatever their times",
    more({ name: "a", silence: "eu-west-1", after: "3m" }, { name: "b", silence: "eu-west-1", after: "4m" }),
    "detect.witnesses[4]: expected its own signal: one signal must not have two votes (got the same signal as a)",
  ],
  [
    "one URL with two votes, whatever they expect",
    (d) => {
      more({ name: "more", probe: { ...d.detect.witnesses[1].probe, expect: 200 } })(d);
    },
    "detect.witnesses[3]: expected its own signal: one signal must not have two votes (got the same signal as canary)",
  ],
  [
    "one alarm with two votes, its keys in another order",
    more({ name: "more", region: "eu-west-1", alarm: "web-shop-5xx" }),
    "detect.witnesses[3]: expected its own signal: one signal must not have two votes (got the same signal as errors)",
  ],
  [
    "one issue of AWS Health with two votes",
    more(
      { name: "a", awsHealth: ["EC2", "EBS"], region: "eu-west-1" },
      { name: "b", awsHealth: ["RDS", "EC2"], region: "eu-west-1" },
    ),
    "detect.witnesses[4]: expected its own signal: one signal must not have two votes (got the same signal as a)",
  ],
  [
    "one URL with two votes, spelled in two ways",
    more(
      { name: "a", probe: { url: "https://direct.example.com" } },
      { name: "b", probe: { url: "https://Direct.example.com:443/" } },
    ),
    "detect.witnesses[4]: expected its own signal: one signal must not have two votes (got the same signal as a)",
  ],
];

const taken: [name: string, edit: Edit][] = [
  [
    "one witness of each kind",
    more(
      { name: "r53", healthCheck: id },
      { name: "quiet", silence: "eu-west-1", after: "3m" },
      { name: "health", awsHealth: ["EC2", "EBS"], region: "eu-west-1" },
      { name: "afar", probe: { url: "https://direct.example.com/", from: "us-east-1", expect: [200, 204] } },
      { name: "port", probe: { url: "tcp://192.0.2.10:5432" } },
    ),
  ],
  [
    "two services of AWS Health, a witness each",
    more(
      { name: "a", awsHealth: ["EC2"], region: "eu-west-1" },
      { name: "b", awsHealth: ["EBS"], region: "eu-west-1" },
    ),
  ],
  [
    "one URL asked from two Regions",
    (d) => {
      more({ name: "afar", probe: { ...d.detect.witnesses[1].probe, from: "us-east-1" } })(d);
    },
  ],
  [
    "a private record beside the public zone of a health check",
    (d) => {
      more({ name: "r53", healthCheck: id })(d);
      d.traffic.records.push({ ...d.traffic.records[0], zone: "Z2", private: true });
    },
  ],
];

describe("each witness of a plan", () => {
  it.each(mistakes)("each witness of a plan is refused: %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(taken)("each witness of a plan is taken: %s", (_name, edit) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual([]);
  });

  it("each witness of a plan is doubted when it speaks of a Region that is neither", () => {
    expect(warningsOf(more({ name: "more", silence: "us-west-2", after: "3m" }))).toEqual([
      "detect.witnesses[3].silence: watches us-west-2, not the primary eu-west-1: its vote is not regional",
    ]);
  });

  it("each witness of a plan says nothing of what the schema refused", () => {
    const half = more({ name: "A", healthCheck: id }, { probe: { url: 1, from: "x" } }, { name: "c", healthCheck: 1 });
    const lines = problemsOf((d) => {
      half(d);
      d.application = 1;
      d.regions = {};
    });
    expect(
      lines.filter((line) => !/^(application|regions\.|detect\.witnesses\[\d\]\.(name|healthCheck|probe))/.test(line)),
    ).toEqual([]);
  });
});
