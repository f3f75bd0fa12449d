import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEbsEvent } from "../../../../functions/core/instances/copy/ebs-events.ts";

const event = (over: object = {}) => ({
  source: "aws.ec2",
  "detail-type": "EBS Snapshot Notification",
  region: "eu-central-1",
  resources: ["arn:aws:ec2::eu-central-1:snapshot/snap-0a1"],
  detail: { event: "copySnapshot" },
  ...over,
});
const read = (over: object = {}) => readEbsEvent({ application: "shop", event: event(over) });

describe("an event of EBS", () => {
  it("an event of EBS is read", () => {
    expect(read()).toEqual({ application: "shop", region: "eu-central-1", kind: "copy", ids: ["snap-0a1"] });
    expect(read({ detail: { event: "createSnapshot " } })).toMatchObject({ kind: "snapshot" });
  });

  it.each<[string, object, string]>([
    [
      "a word that every object knows",
      { detail: { event: "constructor" } },
      'detail.event does not match an EBS event (got "constructor")',
    ],
    [
      "a list of a word",
      { detail: { event: ["copySnapshot"] } },
      "detail.event does not match an EBS event (got object)",
    ],
    [
      "a type that is no text",
      { "detail-type": { toString: 1 } },
      "detail-type does not match an EBS event (got object)",
    ],
    [
      "a resource that is no text",
      { resources: [{ toString: 1 }] },
      "resources does not match an EBS event (got object)",
    ],
    [
      "a word of 100 KB",
      { detail: { event: "x".repeat(100_000) } },
      `detail.event does not match an EBS event (got "${"x".repeat(80)}")`,
    ],
  ])("an event of EBS with %s is dropped", (_, over, because) => {
    expect(read(over)).toEqual({ dropped: "NotShaped", because });
  });

  it("an event of EBS of an application that no plan can name is dropped", () => {
    expect(readEbsEvent({ application: "__proto__", event: event() })).toMatchObject({ dropped: "NotShaped" });
  });

  it("an event of EBS never throws, whatever came, and tells of it in one short line", () => {
    const odd = fc.oneof(fc.anything(), fc.constant({ toString: 1 }), fc.constantFrom("constructor", "__proto__"));
    const parts = fc.record(
      {
        source: odd,
        "detail-type": odd,
        region: odd,
        resources: fc.oneof(odd, fc.array(odd)),
        detail: fc.oneof(odd, fc.record({ event: odd })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(odd, parts), fc.boolean(), (over, whole) => {
        const given = whole ? { application: "shop", event: { ...event(), ...(over as object) } } : over;
        const found = readEbsEvent(given);
        if ("dropped" in found) expect(found.because.length).toBeLessThan(200);
        else expect(found.ids.length).toBeGreaterThan(0);
      }),
    );
  });
});
