import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { createContext } from "../../functions/runtime/context.ts";
import { aPlan } from "../support/builders.ts";
import { anOutside } from "../support/context.ts";
import { simulated } from "../support/simulated.ts";

it("hands on what the outside gives: probes, log, metrics, clock and settings", () => {
  const outside = anOutside();
  const context = createContext(outside);
  expect(context).toMatchObject({
    net: outside.net,
    log: outside.log,
    metrics: outside.metrics,
    settings: outside.settings,
    now: outside.now,
  });
});

it("reads and writes the table of its settings in the Region of its settings", async () => {
  const calls = await simulated({}, async ({ context, world }) => {
    await context.store.savePlan(aPlan());
    await context.table.get({ pk: "shop", sk: "row" });
    return world.journal;
  });
  expect(new Set(calls.map(({ service, region }) => `${service} ${region}`))).toEqual(
    new Set(["DynamoDB eu-central-1"]),
  );
  expect(new Set(calls.map(({ input }) => input.TableName))).toEqual(new Set(["lifeboat"]));
});

it("gives every client the defaults and the watches of the outside", async () => {
  const seen: string[] = [];
  const { clients } = createContext(
    anOutside({
      clientDefaults: { credentials: { accessKeyId: "test", secretAccessKey: "test" }, endpoint: "http://127.0.0.1:1" },
      watches: [
        async ({ operation }) => {
          seen.push(operation);
          return { output: { $metadata: {} }, response: {} };
        },
      ],
    }),
  );
  const ec2 = clients(EC2Client, "eu-west-1");
  expect(await ec2.config.endpoint?.()).toMatchObject({ hostname: "127.0.0.1", port: 1 });
  await ec2.send(new DescribeAvailabilityZonesCommand({}));
  expect(seen).toEqual(["DescribeAvailabilityZones"]);
});
