import { describe, expect, it } from "vitest";
import { createBuckets } from "../../bench/proxy/buckets.ts";
import { createChance } from "../../bench/proxy/chance.ts";
import { createImageNames, tagging } from "../../bench/proxy/image-names.ts";
import { filtersOf, readCall, withFilters } from "../../bench/proxy/read-call.ts";
import { questionOf, viewOf } from "../../bench/proxy/snapshot-view.ts";
import { copyCalls, createTally, sum } from "../../bench/proxy/tally.ts";

const signed = (region: string, service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIA/20260105/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

describe("a call", () => {
  it("of EC2 is read from the form and the Credential scope", () => {
    const headers = {
      authorization: signed("eu-west-1", "ec2"),
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    };
    const call = readCall("POST", "/", headers, "Action=CreateSnapshots&InstanceId=i-1");
    expect(call).toMatchObject({ service: "ec2", region: "eu-west-1", operation: "CreateSnapshots" });
    expect(call.params.get("InstanceId")).toBe("i-1");
  });

  it("of a JSON protocol is read from its target, one of S3 from method and path", () => {
    const target = { authorization: signed("eu-central-1", "dynamodb"), "x-amz-target": "DynamoDB_20120810.GetItem" };
    expect(readCall("POST", "/", target, "{}").operation).toBe("GetItem");
    const s3 = { authorization: signed("eu-central-1", "s3") };
    expect(readCall("PUT", "/bucket/reports/a.json?x-id=PutObject", s3, "").operation).toBe("PUT object");
  });

  it("keeps its other parameters when its filters change, and loses its paging", () => {
    const params = new URLSearchParams(
      "Action=DescribeSnapshots&Owner.1=self&MaxResults=5&Filter.1.Name=status&Filter.1.Value.1=pending&Filter.1.Value.2=error",
    );
    expect(filtersOf(params)).toEqual([{ name: "status", values: ["pending", "error"] }]);
    expect(`${withFilters(params, [{ name: "tag:a", values: ["b"] }])}`).toBe(
      "Action=DescribeSnapshots&Owner.1=self&Filter.1.Name=tag%3Aa&Filter.1.Value.1=b",
    );
  });
});

describe("token buckets", () => {
  const params = new URLSearchParams("MaxResults=5");
  const taken = (operation: string, now: number, buckets = createBuckets(), of = params) => {
    let count = 0;
    while (buckets.take("eu-west-1", operation, of, now)) count += 1;
    return count;
  };

  it.each([
    ["CopySnapshot", 50],
    ["CreateSnapshots", 100],
    ["DescribeSnapshots", 100],
    ["CopyImage", 100],
  ])("give %s %i calls at once", (operation, count) => {
    expect(taken(operation, 0)).toBe(count);
  });

  it("give half as many listings that ask for everything at once", () => {
    expect(taken("DescribeSnapshots", 0, createBuckets(), new URLSearchParams("Action=DescribeSnapshots"))).toBe(50);
  });

  it("fill again by the second, and are apart for each Region", () => {
    const buckets = createBuckets();
    taken("CopySnapshot", 0, buckets);
    expect(taken("CopySnapshot", 2_000, buckets)).toBe(10);
    expect(buckets.take("eu-central-1", "CopySnapshot", params, 2_000)).toBe(true);
  });

  it("are each action's own, whether it is listed or not", () => {
    const buckets = createBuckets();
    taken("CopySnapshot", 0, buckets);
    expect(taken("CopySnapshot", 0, buckets)).toBe(0);
    expect(taken("RegisterImage", 0, buckets)).toBe(50);
    expect(taken("DeleteSnapshot", 0, buckets)).toBe(100);
  });
});

describe("the view of snapshots", () => {
  const item = (id: string) =>
    `<item><snapshotId>${id}</snapshotId><startTime>2026-01-05</startTime><status>completed</status><progress>100%</progress></item>`;
  const pending = { ids: () => ["snap-2"], has: (id: string) => id === "snap-2" };
  const none = { ids: () => [], has: () => false };
  const wanted = (...values: string[]) => [
    { name: "tag:a", values: ["b"] },
    { name: "status", values },
  ];
  const undated = () => null;

  it("asks moto for pending ones by their ids, and for none without asking", () => {
    expect(questionOf(wanted("pending"), pending)).toEqual({
      filters: [
        { name: "tag:a", values: ["b"] },
        { name: "snapshot-id", values: ["snap-2"] },
      ],
      states: ["pending"],
    });
    expect(questionOf(wanted("pending"), none)).toEqual({ nothing: true });
  });

  it("keeps a filter of other states to itself", () => {
    expect(questionOf(wanted("completed", "error"), pending)).toEqual({
      filters: [{ name: "tag:a", values: ["b"] }],
      states: ["completed", "error"],
    });
  });

  it("shows what is pending as pending, and leaves out what is in another state", () => {
    const items = [item("snap-1"), item("snap-2")];
    expect(viewOf(items, null, pending, undated)[1]).toContain("<status>pending</status><progress>50%</progress>");
    expect(viewOf(items, ["completed"], pending, undated)).toEqual([item("snap-1")]);
    expect(viewOf(items, ["pending"], none, undated)).toEqual([]);
  });

  it("dates a snapshot by the tool's clock", () => {
    expect(viewOf([item("snap-1")], null, none, () => "2026-02-02")[0]).toContain("<startTime>2026-02-02</startTime>");
  });
});

describe("images", () => {
  it("have a name for themselves in a Region until they are deregistered", () => {
    const names = createImageNames();
    names.register("eu-central-1", "one", "ami-1");
    expect([names.isTaken("eu-central-1", "one"), names.isTaken("eu-west-1", "one")]).toEqual([true, false]);
    names.deregister("ami-1");
    expect(names.isTaken("eu-central-1", "one")).toBe(false);
  });

  it("get the tags that are meant for them, and not those of their snapshots", () => {
    const params = new URLSearchParams([
      ["TagSpecification.1.ResourceType", "snapshot"],
      ["TagSpecification.1.Tag.1.Key", "not"],
      ["TagSpecification.2.ResourceType", "image"],
      ["TagSpecification.2.Tag.1.Key", "a"],
      ["TagSpecification.2.Tag.1.Value", "b"],
    ]);
    expect(tagging(params, "ami-1")!.get("Tag.1.Value")).toBe("b");
    expect(`${tagging(params, "ami-1")}`).not.toContain("not");
    expect(tagging(new URLSearchParams(), "ami-1")).toBeNull();
  });
});

describe("the tally", () => {
  const call = (service: string, operation: string, region: string) => ({
    service,
    operation,
    region,
    params: new URLSearchParams(),
  });

  it("counts while it is on, and tells the calls of copies from the rest", () => {
    const tally = createTally();
    tally.add(call("ec2", "CopySnapshot", "eu-central-1"));
    tally.on();
    const made = ["CreateSnapshots eu-west-1", "CopySnapshot eu-central-1", "DeleteSnapshot eu-central-1"];
    const beside = ["DeleteSnapshot eu-west-1", "RegisterImage eu-central-1"];
    for (const text of [...made, ...made, ...beside]) {
      const [operation = "", region = ""] = text.split(" ");
      tally.add(call("ec2", operation, region));
    }
    tally.add(call("dynamodb", "GetItem", "eu-central-1"));
    expect([copyCalls(tally.calls(), "eu-west-1"), sum(tally.calls())]).toEqual([6, 9]);
    tally.reset();
    expect(tally.calls()).toEqual([]);
  });
});

describe("chance", () => {
  it("is the same with the same seed, between 0 and 1, and about even", () => {
    const drawn = (seed: number) => Array.from({ length: 1_000 }, createChance(seed));
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    expect(drawn(7).every((value) => value >= 0 && value < 1)).toBe(true);
    expect(drawn(7).filter((value) => value < 0.05).length).toBeGreaterThan(20);
    expect(drawn(7).filter((value) => value < 0.05).length).toBeLessThan(90);
  });
});
