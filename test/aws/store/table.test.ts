import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../../functions/aws/calls/clients.ts";
import { createTable } from "../../../functions/aws/store/table.ts";
import { simulated } from "../../support/simulated.ts";

const TableName = "lifeboat";
const key = { pk: "shop", sk: "row" };
const Key = { pk: { S: "shop" }, sk: { S: "row" } };

describe("what DynamoDB is asked", () => {
  const mocked = () => mockClient(DynamoDBClient);
  let dynamo: ReturnType<typeof mocked>;
  beforeEach(() => {
    dynamo = mocked();
  });
  afterEach(() => dynamo.restore());
  const table = createTable(createClients(), "eu-central-1", TableName);

  it("a read is consistent, and gives the item without its keys", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { ...Key, generation: { N: "7" } } });
    expect(await table.get(key)).toEqual({ generation: 7 });
    expect(dynamo).toHaveReceivedCommandWith(GetItemCommand, { TableName, Key, ConsistentRead: true });
  });

  it("an item that is not there is null", async () => {
    dynamo.on(GetItemCommand).resolves({});
    expect(await table.get(key)).toBeNull();
  });

  it("a query reads every page, consistently", async () => {
    const LastEvaluatedKey = { pk: { S: "shop" }, sk: { S: "point#web.1" } };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ ...LastEvaluatedKey, id: { S: "web.1" } }], LastEvaluatedKey })
      .resolvesOnce({})
      .rejects(new Error("no further page"));
    expect(await table.query("shop", "point#web.")).toEqual([{ id: "web.1" }]);
    const asked = {
      TableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": { S: "shop" }, ":prefix": { S: "point#web." } },
      ConsistentRead: true,
    };
    const inputs = dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(inputs).toEqual([asked, { ...asked, ExclusiveStartKey: LastEvaluatedKey }]);
  });

  it("a query of a whole partition compares no key with nothing, which DynamoDB refuses", async () => {
    dynamo.on(QueryCommand).resolves({});
    await table.query("#copies", "");
    await table.page("shop", "", 5);
    for (const { args } of dynamo.commandCalls(QueryCommand))
      expect(args[0].input).toMatchObject({
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: expect.stringMatching(/./) } },
      });
  });

  it("a put without a condition writes the item under its keys, and leaves out what is undefined", async () => {
    dynamo.on(PutItemCommand).resolves({});
    expect(await table.put(key, { active: "eu-west-1", run: undefined, pk: "other" })).toBe(true);
    const [call] = dynamo.commandCalls(PutItemCommand);
    expect(call!.args[0].input).toEqual({ TableName, Item: { ...Key, active: { S: "eu-west-1" } } });
  });

  it("a put of what must not be there yet names the condition", async () => {
    dynamo.on(PutItemCommand).resolves({});
    await table.put(key, {}, { absent: "pk" });
    const [call] = dynamo.commandCalls(PutItemCommand);
    expect(call!.args[0].input).toEqual({
      TableName,
      Item: Key,
      ConditionExpression: "attribute_not_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk" },
    });
  });

  it("an update sets and removes attributes under all parts of its condition", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    const when = { all: [{ equal: ["generation", 1] as [string, unknown] }, { absent: "run.id" }] };
    expect(await table.update(key, { set: { phase: "running" }, remove: ["protect"] }, when)).toBe(true);
    const [call] = dynamo.commandCalls(UpdateItemCommand);
    expect(call!.args[0].input).toEqual({
      TableName,
      Key,
      UpdateExpression: "SET #phase = :set_phase REMOVE #protect",
      ConditionExpression: "#generation = :when0 AND attribute_not_exists(#run.#id)",
      ExpressionAttributeNames: {
        "#generation": "generation",
        "#run": "run",
        "#id": "id",
        "#phase": "phase",
        "#protect": "protect",
      },
      ExpressionAttributeValues: { ":when0": { N: "1" }, ":set_phase": { S: "running" } },
    });
  });

  it("a removal names the item alone", async () => {
    dynamo.on(DeleteItemCommand).resolves({});
    await table.remove(key);
    expect(dynamo).toHaveReceivedCommandWith(DeleteItemCommand, { TableName, Key });
  });

  it("a condition that does not hold is false, and any other error is thrown", async () => {
    const refused = new ConditionalCheckFailedException({ message: "The conditional request failed", $metadata: {} });
    dynamo
      .on(UpdateItemCommand)
      .rejectsOnce(refused)
      .rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    const update = () => table.update(key, { set: { switch: 1 } }, { absent: "run" });
    expect(await update()).toBe(false);
    await expect(update()).rejects.toMatchObject({ name: "AccessDenied" });
  });
});

describe("what holds on a table", () => {
  it("the conditions of the row: on the whole item, on a nested attribute, on several together", async () => {
    const answers = await simulated({}, async ({ context: { table } }) => {
      const set = (name: string, when: Parameters<typeof table.update>[2]) =>
        table.update(key, { set: { [name]: true } }, when);
      return {
        putFirst: await table.put(key, { generation: 1, run: { id: "a" } }, { absent: "pk" }),
        putAgain: await table.put(key, { generation: 9 }, { absent: "pk" }),
        ofA: await set("ofA", { equal: ["run.id", "a"] }),
        ofB: await set("ofB", { equal: ["run.id", "b"] }),
        free: await set("free", { absent: "run" }),
        both: await set("both", { all: [{ equal: ["run.id", "a"] }, { equal: ["generation", 1] }] }),
        onlyOne: await set("onlyOne", { all: [{ equal: ["run.id", "a"] }, { equal: ["generation", 2] }] }),
        elsewhere: await table.update({ pk: "shop", sk: "none" }, { set: { x: 1 } }, { equal: ["run.id", "a"] }),
        item: await table.get(key),
      };
    });
    expect(answers).toEqual({
      putFirst: true,
      putAgain: false,
      ofA: true,
      ofB: false,
      free: false,
      both: true,
      onlyOne: false,
      elsewhere: false,
      item: { generation: 1, run: { id: "a" }, ofA: true, both: true },
    });
  });

  it("a removed attribute is absent, a removed item is null", async () => {
    const [freed, removed] = await simulated({}, async ({ context: { table } }) => {
      await table.put(key, { run: { id: "a" }, phase: "running" });
      await table.update(key, { set: { phase: "protected" }, remove: ["run"] }, { equal: ["run.id", "a"] });
      const item = await table.get(key);
      await table.remove(key);
      return [item, await table.get(key)];
    });
    expect(freed).toEqual({ phase: "protected" });
    expect(removed).toBeNull();
  });

  it("items come in the order of their keys, and only those of the prefix", async () => {
    const found = await simulated({}, async ({ context: { table } }) => {
      for (const sk of ["point#web.2", "point#web-2.1", "point#web.1", "row"])
        await table.put({ pk: "shop", sk }, { sk2: sk });
      await table.put({ pk: "other", sk: "point#web.3" }, {});
      return table.query<{ sk2: string }>("shop", "point#web.");
    });
    expect(found.map(({ sk2 }) => sk2)).toEqual(["point#web.1", "point#web.2"]);
  });
});
