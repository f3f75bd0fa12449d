/** Filters and pages of the Describe calls. */

import type { Filter } from "@aws-sdk/client-ec2";
import { AwsError, type World } from "../kernel.ts";
import type { Kept } from "./state.ts";

/** What each filter name reads of a resource. */
export type Fields<T> = Record<string, (item: T) => (string | null | undefined)[]>;

/**
 * Most items of one page here: EC2 may always give fewer than MaxResults, and a NextToken with them. Small, so that a
 * caller that reads one page only is found out.
 */
const pageItemsMax = 50;

/** Values of all filters of one call. [text of FilterLimitExceeded] */
const filterValuesMax = 200;

type Asked = {
  Filters?: Filter[] | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
  /** For the few listings that have no pages. */
  whole?: true;
};

/** One page of the visible resources that match all filters, oldest first. */
export const list = <T extends Kept>(world: World, from: Iterable<T>, fields: Fields<T>, asked: Asked) => {
  const after = asked.NextToken ? fromToken(asked.NextToken) : 0;
  if (asked.MaxResults !== undefined && asked.MaxResults < 5)
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${asked.MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than 5.`,
    );
  const matches = matcher(asked.Filters ?? [], fields);
  const size = asked.whole ? Number.POSITIVE_INFINITY : Math.min(asked.MaxResults ?? pageItemsMax, pageItemsMax);
  const items: T[] = [];
  for (const item of from) {
    if (item.serial <= after || item.visibleAt > world.now() || !matches(item)) continue;
    if (items.length === size) return { items, NextToken: toToken(items.at(-1)!.serial) };
    items.push(item);
  }
  return { items, NextToken: undefined };
};

/** Whether a resource matches every filter; any value of a filter will do, `*` and `?` are wildcards. */
const matcher = <T extends Kept>(filters: Filter[], fields: Fields<T>) => {
  if (filters.reduce((sum, { Values = [] }) => sum + Values.length, 0) > filterValuesMax)
    throw new AwsError(
      "FilterLimitExceeded",
      `The maximum number of filter values specified on a single call is ${filterValuesMax}`,
    );
  const tests = filters.map(({ Name = "", Values = [] }) => {
    const read = Name.startsWith("tag:") ? tagReader(Name.slice(4)) : (fields[Name] ?? common[Name]);
    if (!read) throw new AwsError("InvalidParameterValue", `The filter '${Name}' is invalid`);
    const wanted = Values.map(toTest);
    return (item: T) => read(item).some((value) => value != null && wanted.some((is) => is(value)));
  });
  return (item: T) => tests.every((test) => test(item));
};

const tagReader = (key: string) => (item: Kept) => item.tags.filter(({ Key }) => Key === key).map(({ Value }) => Value);
const common: Fields<Kept> = { "tag-key": ({ tags }) => tags.map(({ Key }) => Key) };

/** `*` and `?` are wildcards; a backslash makes the next character a plain one. [SDK EC2: Filter] */
const toTest = (pattern: string) => {
  if (!/[\\*?]/.test(pattern)) return (value: string) => value === pattern;
  const wildcards: Record<string, string> = { "*": ".*", "?": "." };
  const parts = pattern.match(/\\.|./gsu) ?? [];
  const plain = (part: string) => part.replace(/^\\(?=.)/su, "").replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
  const expression = new RegExp(`^${parts.map((part) => wildcards[part] ?? plain(part)).join("")}$`, "su");
  return (value: string) => expression.test(value);
};

const toToken = (serial: number) => Buffer.from(`after ${serial}`).toString("base64");
const fromToken = (token: string) => {
  const serial = /^after (\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (serial === undefined) throw new AwsError("InvalidNextToken", `The token '${token}' is invalid`);
  return Number(serial);
};
