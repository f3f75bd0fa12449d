/** Splits a DynamoDB expression into tokens. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { AwsError } from "../kernel.ts";

export type Item = Record<string, AttributeValue>;
export type Read = (item: Item) => AttributeValue | undefined;
export type Path = string[];

export type Placeholders = {
  name(token: string): string;
  value(token: string): AttributeValue;
  /** ValidationException when a placeholder was given and not used, as AWS has it. */
  checkAllUsed(): void;
};

export const placeholdersOf = (names: Record<string, string> = {}, values: Item = {}): Placeholders => {
  const used = new Set<string>();
  const find = <T>(from: Record<string, T>, token: string, kind: string): T => {
    const found = from[token];
    if (found === undefined)
      throw invalid(`An expression attribute ${kind} used in expression is not defined: ${token}`);
    used.add(token);
    return found;
  };
  return {
    name: (token) => find(names, token, "name"),
    value: (token) => find(values, token, "value"),
    checkAllUsed: () => {
      const unused = [...Object.keys(names), ...Object.keys(values)].filter((token) => !used.has(token));
      if (unused.length) throw invalid(`Value provided in expression attributes unused in expressions: ${unused}`);
    },
  };
};

/** Reads an expression token by token; what does not fit the grammar is refused. */
export const readTokens = (text: string, given: Placeholders) => {
  const found = text.match(/[#:]?[A-Za-z_][\w]*|[#:][\w]+|\S/g) ?? [];
  let at = 0;
  const refused = () =>
    new Error(`simulator/services/expressions.ts: "${found[at] ?? "end"}" in "${text}" is not part of the grammar`);
  const take = (token: string) => {
    if (found[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string) => {
    if (!take(token)) throw refused();
  };
  const inBrackets = <T>(inner: () => T): T => {
    expect("(");
    const result = inner();
    expect(")");
    return result;
  };
  const list = <T>(separator: string, inner: () => T): T[] => {
    const parts = [inner()];
    while (take(separator)) parts.push(inner());
    return parts;
  };
  const name = () => {
    const token = found[at] ?? "";
    if (!token.startsWith("#") && token !== "pk" && token !== "sk") throw refused();
    at += 1;
    return token.startsWith("#") ? given.name(token) : token;
  };
  const path = () => list(".", name);
  const operand = (): Read => {
    const token = found[at] ?? "";
    if (token.startsWith(":")) {
      at += 1;
      const value = given.value(token);
      return () => value;
    }
    const names = path();
    return (item) => readPath(item, names);
  };
  const atEnd = () => at >= found.length;
  const end = () => {
    if (!atEnd()) throw refused();
  };
  return { take, expect, inBrackets, list, path, operand, atEnd, end, refused };
};

export const readPath = (item: Item, path: Path): AttributeValue | undefined =>
  path.reduce<AttributeValue | undefined>((value, name) => value?.M?.[name], { M: item });

export const invalid = (message: string) => new AwsError("ValidationException", message);
