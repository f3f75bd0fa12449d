import { expect, it } from "vitest";
import { isMutating } from "../../../../functions/aws/calls/clients.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import { playPass } from "../../../support/pass.ts";
import { simulated } from "../../../support/simulated.ts";

const servers = 120;
const volumes = ["/dev/xvda", "/dev/sdf", "/dev/sdg", "/dev/sdh"].map((device) => ({ device, sizeGiB: 8 }));
const web = Array.from({ length: servers }, (_, at) => ({ name: `web-${at}`, userData: "IyEvYmluL3No", volumes }));
const plan = aPlan({ protect: [aResource()] });

it("costs one CreateSnapshots a server and little more, however many there are; its state stays small", () =>
  simulated({ plan, inventory: { servers: { web } } }, async (live) => {
    const { world, advance } = live;
    await playPass(live, plan, { until: "Snapshot" });
    await advance(1_800);
    const before = world.journal.length;
    const { snapshot } = await playPass(live, plan, { until: "Snapshot" });

    expect(snapshot).toMatchObject({ done: true, next: "copy", passes: 3, started: servers, problems: {}, taking: [] });
    const calls = world.journal.slice(before);
    const attributes = calls.filter(({ operation }) => operation === "DescribeInstanceAttribute");
    const listings = calls.filter(
      (call) => call.service === "EC2" && !isMutating(call.operation) && !attributes.includes(call),
    );
    expect(calls.filter(({ operation }) => operation === "CreateSnapshots")).toHaveLength(servers);
    // no user data is read again: the protections of eight servers more
    expect(calls.filter(({ operation }) => operation === "DescribeInstanceAttribute").length).toBeLessThanOrEqual(
      3 * 8,
    );
    expect(calls.filter(({ service }) => service === "DynamoDB").length).toBeLessThan(0.4 * servers);
    expect(listings.length).toBeLessThan(0.25 * servers);
    expect(JSON.stringify(snapshot).length).toBeLessThan(1_000);
  }));
