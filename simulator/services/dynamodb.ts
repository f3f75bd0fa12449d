/** DynamoDB tables: items, conditional writes, batches and queries. */

import type {
  AttributeValue,
  BatchGetItemInput,
  BatchWriteItemInput,
  DeleteItemInput,
  GetItemInput,
  PutItemInput,
  QueryInput,
  UpdateItemInput,
} from "@aws-sdk/client-dynamodb";
import { type At, AwsError, type Operation, type World } from "../kernel.ts";
import { type Item, placeholdersOf } from "./expression-tokens.ts";
import { parseCondition, parseKeyCondition, parseUpdate } from "./expressions.ts";
import { createPartition, type Partition } from "./partition.ts";

/** An item is at most 400 KB, a page of Query 1 MB. [DynamoDB: Quotas] */
const itemBytesMax = 400 * 1024;
const pageBytesMax = 1024 * 1024;

/** pk -> its items. Every table has the keys `pk` and `sk`; a table is there once it is named. */
type Tables = Map<string, Map<string, Partition>>;

/** Puts an item into a table without a call: what stood there before the story. */
export const placeItem = (world: World, region: string, table: string, item: Item) => {
  const { pk, sk } = keyOf(item);
  partition({ world, region }, table, pk).set(sk, sized(item));
};

/** DynamoDB with consistent reads: the operations of functions/aws/store/table.ts, conditions by simulator/services/expressions.ts. */
export const dynamodb: Record<string, Operation> = {
  GetItem: (input: GetItemInput, at) => {
    allow(input, ["TableName", "Key", "ConsistentRead"]);
    const { pk, sk } = keyOf(input.Key);
    const Item = partition(at, input.TableName, pk).get(sk);
    return Item ? { Item } : {};
  },

  /** Up to 100 items. [SDK DynamoDB: BatchGetItem] */
  BatchGetItem: (input: BatchGetItemInput, at) => {
    allow(input, ["RequestItems"]);
    const asked = Object.entries(input.RequestItems ?? {});
    const count = asked.reduce((sum, [, { Keys = [] }]) => sum + Keys.length, 0);
    if (count === 0 || count > 100) throw new AwsError("ValidationException", "BatchGetItem takes 1 to 100 keys");
    const found = asked.map(([name, { Keys = [], ...how }]) => {
      allow(how, ["ConsistentRead"]);
      const items = Keys.map(keyOf).map(({ pk, sk }) => partition(at, name, pk).get(sk));
      return [name, structuredClone(items.filter((item) => item !== undefined))];
    });
    return { Responses: Object.fromEntries(found), UnprocessedKeys: {} };
  },

  PutItem: (input: PutItemInput, at) => {
    allow(input, ["TableName", "Item", ...conditional]);
    const { pk, sk } = keyOf(input.Item);
    const items = partition(at, input.TableName, pk);
    check(input, items.get(sk));
    items.set(sk, sized(input.Item!));
    return {};
  },

  UpdateItem: (input: UpdateItemInput, at) => {
    allow(input, ["TableName", "Key", "UpdateExpression", "ReturnValues", ...conditional]);
    const { pk, sk } = keyOf(input.Key);
    const items = partition(at, input.TableName, pk);
    const before = items.get(sk);
    const change = check(input, before);
    const after = change({ ...before, ...structuredClone(input.Key!) });
    if (after.pk?.S !== pk || after.sk?.S !== sk)
      throw new AwsError("ValidationException", "Cannot update attribute. This attribute is part of the key");
    items.set(sk, sized(after));
    if (input.ReturnValues === "ALL_NEW") return { Attributes: structuredClone(after) };
    if (input.ReturnValues === "ALL_OLD") return before ? { Attributes: structuredClone(before) } : {};
    if (input.ReturnValues && input.ReturnValues !== "NONE") throw unknown(`ReturnValues ${input.ReturnValues}`);
    return {};
  },

  DeleteItem: (input: DeleteItemInput, at) => {
    allow(input, ["TableName", "Key", ...conditional]);
    const { pk, sk } = keyOf(input.Key);
    const items = partition(at, input.TableName, pk);
    check(input, items.get(sk));
    items.delete(sk);
    return {};
  },

  /** Up to 25 puts and deletes, one after the other, no conditions. [SDK DynamoDB: BatchWriteItem] */
  BatchWriteItem: (input: BatchWriteItemInput, at) => {
    allow(input, ["RequestItems"]);
    const asked = Object.entries(input.RequestItems ?? {}).flatMap(([name, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) => ({
        item: PutRequest?.Item,
        ...keyOf(PutRequest?.Item ?? DeleteRequest?.Key),
        name,
      })),
    );
    const keys = new Set(asked.map(({ name, pk, sk }) => `${name} ${pk} ${sk}`));
    if (asked.length === 0 || asked.length > 25 || keys.size < asked.length)
      throw new AwsError("ValidationException", "BatchWriteItem takes 1 to 25 requests, each for another item");
    for (const { item, name, pk, sk } of asked)
      if (item) partition(at, name, pk).set(sk, sized(item));
      else partition(at, name, pk).delete(sk);
    return { UnprocessedItems: {} };
  },

  Query: (input: QueryInput, at) => {
    allow(input, [
      "TableName",
      "KeyConditionExpression",
      "ConsistentRead",
      "ExclusiveStartKey",
      "Limit",
      ...attributes,
    ]);
    const given = placeholdersOf(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
    const { pk, prefix } = parseKeyCondition(input.KeyConditionExpression ?? "", given);
    given.checkAllUsed();
    const after = input.ExclusiveStartKey ? keyOf(input.ExclusiveStartKey).sk : null;
    const { page, last } = pageOf(partition(at, input.TableName, pk).from(prefix, after), input.Limit);
    return {
      Items: page,
      Count: page.length,
      ...(last && { LastEvaluatedKey: { pk: last.pk!, sk: last.sk! } }),
    };
  },
};

/** Every item of the tables of a Region, of one partition key or of all: for invariants and the final inventory. */
export const itemsOf = (world: World, region: string, pk?: string): Item[] =>
  [...tables(world, region).values()].flatMap((byPk) =>
    [...byPk].flatMap(([key, items]) =>
      pk === undefined || key === pk ? items.entries().map(([, item]) => item) : [],
    ),
  );

/** Items of one partition key whose sort key begins with `prefix`, without a look at any other. */
export const itemsFrom = (world: World, region: string, name: string, pk: string, prefix: string): Item[] => [
  ...(tables(world, region).get(name)?.get(pk)?.from(prefix, null) ?? []),
];

const attributes = ["ExpressionAttributeNames", "ExpressionAttributeValues"];
const conditional = ["ConditionExpression", "ReturnValuesOnConditionCheckFailure", ...attributes];

const tables = (world: World, region: string) => world.region<Tables>("DynamoDB", region, () => new Map());

const table = ({ world, region }: Pick<At, "world" | "region">, name = "") => {
  const all = tables(world, region);
  if (!all.has(name)) all.set(name, new Map());
  return all.get(name)!;
};

const partition = (at: Pick<At, "world" | "region">, name: string | undefined, pk: string) => {
  const byPk = table(at, name);
  if (!byPk.has(pk)) byPk.set(pk, createPartition());
  return byPk.get(pk)!;
};

const keyOf = (key: Record<string, AttributeValue> | undefined) => {
  const [pk, sk] = [key?.pk?.S, key?.sk?.S];
  if (pk && sk) return { pk, sk };
  throw new AwsError("ValidationException", "One or more parameter values were invalid: missing the key pk, sk");
};

type Conditional = Pick<
  UpdateItemInput,
  | "ConditionExpression"
  | "UpdateExpression"
  | "ExpressionAttributeNames"
  | "ExpressionAttributeValues"
  | "ReturnValuesOnConditionCheckFailure"
>;

/** Throws ConditionalCheckFailedException (with the item, when asked for); gives back the parsed update. */
const check = (input: Conditional, item: Item | undefined) => {
  const given = placeholdersOf(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const holds = input.ConditionExpression ? parseCondition(input.ConditionExpression, given) : () => true;
  const change = parseUpdate(input.UpdateExpression ?? "", given);
  given.checkAllUsed();
  if (holds(item ?? {})) return change;
  const error = new AwsError("ConditionalCheckFailedException", "The conditional request failed");
  const shown = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && item;
  throw Object.assign(error, shown && { Item: structuredClone(item) });
};

const sized = (item: Item) => {
  if (size(item) <= itemBytesMax) return item;
  throw new AwsError("ValidationException", "Item size has exceeded the maximum allowed size");
};

/** Items up to the limit or the page's size; `last` when there are more. */
const pageOf = (found: Iterable<Item>, limit = Number.POSITIVE_INFINITY) => {
  const page: Item[] = [];
  let total = 0;
  for (const item of found) {
    total += size(item);
    if (page.length > 0 && (page.length >= limit || total > pageBytesMax)) return { page, last: page.at(-1) };
    page.push(item);
  }
  return { page };
};

/** Stored items are replaced, never changed: each is measured once. */
const sizes = new WeakMap<Item, number>();
const size = (item: Item) => {
  const known = sizes.get(item) ?? JSON.stringify(item).length;
  sizes.set(item, known);
  return known;
};

/** What the simulator does not know is refused, never ignored. */
const allow = (input: object, known: string[]) => {
  const strange = Object.entries(input).find(([name, value]) => value !== undefined && !known.includes(name));
  if (strange) throw unknown(strange[0]);
};
const unknown = (what: string) => new Error(`simulator/services/dynamodb.ts: ${what} is not simulated`);
