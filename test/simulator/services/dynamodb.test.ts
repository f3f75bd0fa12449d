import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, it } from "vitest";
import { createTable } from "../../../functions/aws/store/table.ts";
import { itemsOf } from "../../../simulator/services/dynamodb.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const withTable = <T>(body: (table: ReturnType<typeof createTable>, live: Simulated) => Promise<T>) =>
  simulated({ traffic: true }, (live) => body(createTable(live.clients, region, "lifeboat"), live));
const key = { pk: "shop", sk: "row" };

describe("the simulated table", () => {
  it("puts if absent once", async () => {
    const answers = await withTable(async (table) => [
      await table.put(key, { generation: 1 }, { absent: "pk" }),
      await table.put(key, { generation: 2 }, { absent: "pk" }),
      await table.get(key),
    ]);
    expect(answers).toEqual([true, false, { generation: 1 }]);
  });

  it("updates only while every condition holds, and leaves the rest of the item", async () => {
    const answers = await withTable(async (table) => {
      await table.put(key, { generation: 1, phase: "protected" });
      const when = { all: [{ equal: ["generation", 1] as [string, unknown] }, { absent: "run" }] };
      return [
        await table.update(key, { set: { run: { id: "a" }, generation: 2 } }, when),
        await table.update(key, { set: { run: { id: "b" }, generation: 3 } }, when),
        await table.update(key, { remove: ["run"] }, { equal: ["run.id", "a"] }),
        await table.get(key),
      ];
    });
    expect(answers).toEqual([true, false, true, { generation: 2, phase: "protected" }]);
  });

  it("the simulated table makes the item that an update names, as UpdateItem does", async () => {
    const found = await withTable(async (table) => {
      await table.update(key, { set: { phase: "protected" } }, { absent: "run" });
      return table.get(key);
    });
    expect(found).toEqual({ phase: "protected" });
  });

  it("the simulated table gives every item under a prefix in order, over several pages of 1 MB", async () => {
    const [found, pages] = await withTable(async (table, { world }) => {
      for (const nth of [5, 3, 1, 4, 2])
        await table.put({ pk: "shop", sk: `point#${nth}` }, { nth, text: "x".repeat(350_000) });
      await table.put({ pk: "shop", sk: "row" }, {});
      await table.put({ pk: "other", sk: "point#9" }, {});
      const items = await table.query<{ nth: number }>("shop", "point#");
      return [items.map(({ nth }) => nth), world.journal.filter(({ operation }) => operation === "Query").length];
    });
    expect(found).toEqual([1, 2, 3, 4, 5]);
    expect(pages).toBeGreaterThan(1);
  });

  it("the simulated table keeps the tables of two Regions apart", async () => {
    const counts = await withTable(async (table, { world }) => {
      await table.put(key, {});
      return [itemsOf(world, region).length, itemsOf(world, "eu-west-1").length];
    });
    expect(counts).toEqual([1, 0]);
  });

  it("shows who holds the item when a condition fails and ALL_OLD was asked for", async () => {
    const error = await simulated({ traffic: true }, async ({ clients }) => {
      const dynamo = clients(DynamoDBClient, region);
      const put = { TableName: "t", Item: marshall({ ...key, owner: "a" }) };
      await dynamo.send(new PutItemCommand(put));
      const again = {
        ...put,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      };
      return dynamo.send(new PutItemCommand(again)).catch((thrown) => thrown);
    });
    expect(error.name).toBe("ConditionalCheckFailedException");
    expect(error.Item.owner).toEqual({ S: "a" });
  });

  it("the simulated table refuses an item over 400 KB and a change of the key", async () => {
    const errors = await withTable(async (table, { clients }) => [
      await table.put(key, { text: "x".repeat(410_000) }).catch((error) => error.message),
      await clients(DynamoDBClient, region)
        .send(
          new UpdateItemCommand({
            TableName: "t",
            Key: marshall(key),
            UpdateExpression: "SET sk = :v",
            ExpressionAttributeValues: marshall({ ":v": "x" }),
          }),
        )
        .catch((error) => error.message),
    ]);
    expect(errors[0]).toMatch(/maximum allowed size/);
    expect(errors[1]).toMatch(/part of the key/);
  });

  it("the simulated table refuses a parameter that it does not know", async () => {
    const put = new PutItemCommand({ TableName: "t", Item: marshall(key), ReturnValues: "ALL_OLD" });
    const message = await simulated({ traffic: true }, ({ clients }) =>
      clients(DynamoDBClient, region)
        .send(put)
        .catch((error) => error.message),
    );
    expect(message).toMatch(/ReturnValues is not simulated/);
  });
});
