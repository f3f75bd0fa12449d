import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { TransientError } from "../../core/errors.ts";
import type { Clients, Patience } from "../calls/clients.ts";
import { codeOf } from "../calls/errors.ts";
import { attributeName, fromAttributes, toAttributes } from "../ec2/attributes.ts";

/** A condition on attributes; paths are dotted, as in "run.id". */
export type Condition = { absent: string } | { equal: [path: string, value: unknown] } | { all: Condition[] };

export type Key = { pk: string; sk: string };
type Item = Record<string, unknown>;

/** The one table of a recovery Region. Reads are consistent. A condition that does not hold gives `false`, not an error. */
export const createTable = (clients: Clients, region: string, TableName: string, patience: Patience = "standard") => {
  const dynamo = clients(DynamoDBClient, region, patience);

  const ifHeld = async (write: Promise<unknown>) => {
    try {
      await write;
      return true;
    } catch (error) {
      if (codeOf(error) === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };

  return {
    /** The Region that it lies in. */
    region,

    async get<T>(key: Key): Promise<T | null> {
      const { Item } = await dynamo.send(
        new GetItemCommand({ TableName, Key: toAttributes(key), ConsistentRead: true }),
      );
      return Item ? strip<T>(Item) : null;
    },

    /** Up to 100 items in one call, in the order of their keys; null where there is none. [SDK DynamoDB: BatchGetItem] */
    async getMany(keys: Key[]): Promise<(Item | null)[]> {
      const found = new Map<string, Item>();
      let Keys = keys.map((key) => toAttributes(key));
      for (let tries = 0; Keys.length > 0; tries++) {
        if (tries >= refusalsMax) throw new TransientError(`${TableName} gives no more items for now`);
        const { Responses, UnprocessedKeys } = await dynamo.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
        );
        for (const item of Responses?.[TableName] ?? []) found.set(`${item.pk?.S} ${item.sk?.S}`, strip<Item>(item));
        Keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
      }
      return keys.map(({ pk, sk }) => found.get(`${pk} ${sk}`) ?? null);
    },

    /** Every item of `pk` whose sort key begins with `prefix`, in its order, over all pages. */
    async query<T>(pk: string, prefix: string): Promise<T[]> {
      const found: T[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await dynamo.send(
          new QueryCommand({
            TableName,
            ...within(pk, prefix),
            ConsistentRead: true,
            ...(from && { ExclusiveStartKey: from }),
          }),
        );
        found.push(...(page.Items ?? []).map((item) => strip<T>(item)));
        from = page.LastEvaluatedKey;
      } while (from);
      return found;
    },

    /** The first items of `pk` whose sort key begins with `prefix`, in its order: at most `limit`, beginning after the key `after`. */
    async page<T>(pk: string, prefix: string, limit: number, after?: string): Promise<Page<T>> {
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new QueryCommand({
          TableName,
          ...within(pk, prefix),
          ConsistentRead: true,
          Limit: limit,
          ...(after && { ExclusiveStartKey: toAttributes({ pk, sk: after }) }),
        }),
      );
      const last = LastEvaluatedKey?.sk?.S ?? null;
      return { items: Items.map((item) => strip<T>(item)), after: last };
    },

    /** Puts and removes many items without conditions, 25 in a call. Not atomic: safe to run twice. */
    async write(puts: { key: Key; item: Item }[], removes: Key[] = []): Promise<void> {
      const requests: WriteRequest[] = [
        ...puts.map(({ key, item }) => ({
          PutRequest: { Item: toAttributes({ ...item, ...key }) },
        })),
        ...removes.map((key) => ({ DeleteRequest: { Key: toAttributes(key) } })),
      ];
      let left = requests;
      for (let tries = 0; left.length > 0; ) {
        const batch = left.slice(0, batchMax);
        const { UnprocessedItems } = await dynamo.send(
          new BatchWriteItemCommand({ RequestItems: { [TableName]: batch } }),
        );
        const refused = UnprocessedItems?.[TableName] ?? [];
        tries = refused.length === batch.length ? tries + 1 : 0;
        if (tries >= refusalsMax) throw new TransientError(`${TableName} takes no more writes for now`);
        left = [...refused, ...left.slice(batchMax)];
      }
    },

    put(key: Key, item: Item, when?: Condition): Promise<boolean> {
      const built = when && expression(when);
      const Item = toAttributes({ ...item, ...key });
      return ifHeld(dynamo.send(new PutItemCommand({ TableName, Item, ...(built && condition(built, built.values)) })));
    },

    /** Sets and removes attributes (top-level names) of an item, under a condition if one is given. */
    update(key: Key, change: { set?: Item; remove?: string[] }, when?: Condition): Promise<boolean> {
      const built = when ? expression(when) : { text: "", names: {}, values: {} };
      const set = Object.entries(change.set ?? {});
      const remove = change.remove ?? [];
      const values: Item = { ...built.values };
      for (const [name, value] of set) {
        built.names[`#${name}`] = attributeName(name);
        values[`:set_${name}`] = value;
      }
      for (const name of remove) built.names[`#${name}`] = attributeName(name);
      const clauses = [
        set.length ? `SET ${set.map(([name]) => `#${name} = :set_${name}`).join(", ")}` : "",
        remove.length ? `REMOVE ${remove.map((name) => `#${name}`).join(", ")}` : "",
      ];
      const UpdateExpression = clauses.filter(Boolean).join(" ");
      return ifHeld(
        dynamo.send(
          new UpdateItemCommand({ TableName, Key: toAttributes(key), UpdateExpression, ...condition(built, values) }),
        ),
      );
    },

    async remove(key: Key): Promise<void> {
      await dynamo.send(new DeleteItemCommand({ TableName, Key: toAttributes(key) }));
    },
  };
};

export type Table = ReturnType<typeof createTable>;

/** `after`: sort key to go on from, or null when there is no more. */
export type Page<T> = { items: T[]; after: string | null };

/** Items of one BatchWriteItem call, and how often in a row it may take none of them. [SDK DynamoDB: BatchWriteItem] */
const batchMax = 25;
const refusalsMax = 5;

const strip = <T>(item: Record<string, AttributeValue>) => {
  const { pk: _pk, sk: _sk, ...rest } = fromAttributes(item);
  return rest as T;
};

type Built = { text: string; names: Record<string, string>; values: Item };

const condition = ({ text, names }: Built, values: Item) => ({
  ...(text && { ConditionExpression: text }),
  ExpressionAttributeNames: names,
  ...(Object.keys(values).length && {
    ExpressionAttributeValues: toAttributes(values),
  }),
});

const expression = (when: Condition): Built => {
  const built: Built = { text: "", names: {}, values: {} };
  const path = (dotted: string) => {
    for (const name of dotted.split(".")) built.names[`#${name}`] = attributeName(name);
    return dotted.replace(/[^.]+/g, "#$&");
  };
  const render = (part: Condition): string => {
    if ("all" in part) return part.all.map(render).join(" AND ");
    if ("absent" in part) return `attribute_not_exists(${path(part.absent)})`;
    const name = `:when${Object.keys(built.values).length}`;
    built.values[name] = part.equal[1];
    return `${path(part.equal[0])} = ${name}`;
  };
  built.text = render(when);
  return built;
};

/** The items of a partition, those alone whose sort key begins with `prefix` where there is one: a key may not be compared with "". */
const within = (pk: string, prefix: string) => ({
  KeyConditionExpression: prefix ? "pk = :pk AND begins_with(sk, :prefix)" : "pk = :pk",
  ExpressionAttributeValues: toAttributes({ ":pk": pk, ...(prefix && { ":prefix": prefix }) }),
});
