import type { AttributeValue } from "@aws-sdk/client-dynamodb";

type Attributes = Record<string, AttributeValue>;

/**
 * An item as DynamoDB takes it; what is undefined is left out. Written out, because the SDK's `marshall` refuses a map with
 * a key `constructor` and loses a key `__proto__` without a word, and both may be the keys of somebody's tags.
 */
export const toAttributes = (item: Record<string, unknown>): Attributes =>
  Object.fromEntries(
    Object.entries(item).flatMap(([key, value]) =>
      value === undefined ? [] : [[attributeName(key), toAttribute(value)]],
    ),
  );

/** What `toAttributes` was given, without what was undefined in it. */
export const fromAttributes = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [read(key), fromAttribute(value)]));

/** The name under which DynamoDB holds an attribute, as an expression has to give it. */
export const attributeName = (key: string): string => (lostKey.test(key) ? `${mark}${key}` : key);

const toAttribute = (value: unknown): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (isStorableNumber(value)) return { N: String(value) };
  if (Array.isArray(value)) return { L: value.filter((one) => one !== undefined).map(toAttribute) };
  if (isMap(value)) return { M: toAttributes(value) };
  throw new TypeError(`expected text, a number, true, false, null, a list or a map to store (got ${kindOf(value)})`);
};

const fromAttribute = ({ S, BOOL, N, L, M }: AttributeValue): unknown => {
  if (M) return fromAttributes(M);
  if (L) return L.map(fromAttribute);
  if (N !== undefined) return Number(N);
  return S ?? BOOL ?? null;
};

/** DynamoDB holds more digits than a number here: one that would come back as another is refused. */
const isStorableNumber = (value: unknown): value is number =>
  Number.isFinite(value) && Math.abs(value as number) <= Number.MAX_SAFE_INTEGER;

/** A plain object; an instance of a class would come back as something else. */
const isMap = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const kindOf = (value: unknown) =>
  typeof value === "object"
    ? (Object.getPrototypeOf(value)?.constructor?.name ?? "an object")
    : `${typeof value} ${String(value)}`;

/** The SDK builds plain objects on the way, in which this one key vanishes: it is stored with a mark before it. */
const mark = "~";
const lostKey = /^~*__proto__$/;
const read = (key: string) => (lostKey.test(key) && key.startsWith(mark) ? key.slice(1) : key);
