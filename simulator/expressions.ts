import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { AwsError } from "./kernel.ts";

/**
 * DynamoDB's expressions, as far as Lifeboat writes them, by parsing:
 *
 *   condition := and { OR and }            and := term { AND term }
 *   term      := "(" condition ")" | attribute_exists(path) | attribute_not_exists(path)
 *              | begins_with(path, :value)   (key conditions only) | operand ("=" | "<") operand
 *   update    := { SET path "=" amount { "," ... } | REMOVE path { "," path } }
 *   amount    := term { "+" term }         term := operand | if_not_exists(path, operand)
 *   operand   := path | :value             path := name { "." name }    name := #placeholder | pk | sk
 *
 * Anything else is refused with a plain Error, so that it cannot pass for an answer of AWS. A bare name other than a
 * key's is refused too: DynamoDB reserves 573 words. [AMZN DynamoDB developer guide: Expressions]
 */
export type Item = Record<string, AttributeValue>;
export type Check = (item: Item) => boolean;
export type Change = (item: Item) => Item;
type Read = (item: Item) => AttributeValue | undefined;
type Path = string[];

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

export const parseCondition = (text: string, given: Placeholders, { keys = false } = {}): Check => {
  const tokens = readTokens(text, given);

  const condition = (): Check => {
    const parts = tokens.list("OR", () => tokens.list("AND", term));
    return (item) => parts.some((all) => all.every((check) => check(item)));
  };

  const term = (): Check => {
    if (tokens.take("(")) {
      const inner = condition();
      tokens.expect(")");
      return inner;
    }
    if (tokens.take("attribute_exists")) {
      const path = tokens.inBrackets(tokens.path);
      return (item) => readPath(item, path) !== undefined;
    }
    if (tokens.take("attribute_not_exists")) {
      const path = tokens.inBrackets(tokens.path);
      return (item) => readPath(item, path) === undefined;
    }
    if (keys && tokens.take("begins_with")) return tokens.inBrackets(beginsWith);
    const left = tokens.operand();
    const equal = tokens.take("=");
    if (!equal) tokens.expect("<");
    const compare = equal ? isEqual : isLess;
    const right = tokens.operand();
    return (item) => {
      const [a, b] = [left(item), right(item)];
      return a !== undefined && b !== undefined && compare(a, b);
    };
  };

  const beginsWith = (): Check => {
    const path = tokens.path();
    tokens.expect(",");
    const prefix = tokens.operand();
    return (item) => readPath(item, path)?.S?.startsWith(prefix(item)?.S ?? "\u0000") ?? false;
  };

  const parsed = condition();
  tokens.end();
  return parsed;
};

export const parseUpdate = (text: string, given: Placeholders): Change => {
  const tokens = readTokens(text, given);
  const written: Path[] = [];
  const changes: ((before: Item, after: Item) => void)[] = [];

  const target = (): Path => {
    const path = tokens.path();
    const overlap = written.some((other) => other.every((name, i) => (path[i] ?? name) === name));
    if (overlap) throw invalid(`Two document paths overlap with each other: ${path.join(".")}`);
    written.push(path);
    return path;
  };
  const set = () => {
    const path = target();
    tokens.expect("=");
    const parts = tokens.list("+", amount);
    changes.push((before, after) => writePath(after, path, sum(parts.map((part) => part(before)))));
  };
  const amount = (): Read => {
    if (!tokens.take("if_not_exists")) return tokens.operand();
    return tokens.inBrackets(() => {
      const path = tokens.path();
      tokens.expect(",");
      const otherwise = tokens.operand();
      return (item) => readPath(item, path) ?? otherwise(item);
    });
  };
  const remove = () => {
    const path = target();
    changes.push((_before, after) => removePath(after, path));
  };

  const clauses = new Map([
    ["SET", set],
    ["REMOVE", remove],
  ]);
  while (!tokens.atEnd()) {
    const name = [...clauses.keys()].find((clause) => tokens.take(clause));
    if (!name) throw tokens.refused();
    tokens.list(",", clauses.get(name)!);
    clauses.delete(name);
  }
  return (before) => {
    const after = structuredClone(before);
    for (const change of changes) change(before, after);
    return after;
  };
};

const readTokens = (text: string, given: Placeholders) => {
  const found = text.match(/[#:]?[A-Za-z_][\w]*|[#:][\w]+|\S/g) ?? [];
  let at = 0;
  const refused = () =>
    new Error(`simulator/expressions.ts: "${found[at] ?? "end"}" in "${text}" is not part of the grammar`);
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

const readPath = (item: Item, path: Path): AttributeValue | undefined =>
  path.reduce<AttributeValue | undefined>((value, name) => value?.M?.[name], { M: item });

/** The map that holds the last name of `path`; ValidationException when there is none, as AWS has it. */
const holderOf = (item: Item, path: Path): Item => {
  const holder = path.length === 1 ? item : readPath(item, path.slice(0, -1))?.M;
  if (holder) return holder;
  throw invalid("The document path provided in the update expression is invalid for update");
};

const writePath = (item: Item, path: Path, value: AttributeValue) => {
  holderOf(item, path)[path.at(-1)!] = structuredClone(value);
};

const removePath = (item: Item, path: Path) => {
  delete holderOf(item, path)[path.at(-1)!];
};

const sum = (values: (AttributeValue | undefined)[]): AttributeValue => {
  const [first] = values;
  if (values.includes(undefined))
    throw invalid("The provided expression refers to an attribute that does not exist in the item");
  if (values.length === 1) return first!;
  if (values.some((value) => value?.N === undefined))
    throw invalid("An operand in the update expression has an incorrect data type");
  return { N: String(values.reduce((total, value) => total + Number(value!.N), 0)) };
};

const isEqual = (a: AttributeValue, b: AttributeValue) =>
  a.N !== undefined && b.N !== undefined ? Number(a.N) === Number(b.N) : isDeepStrictEqual(a, b);

const isLess = (a: AttributeValue, b: AttributeValue) => {
  if (a.N !== undefined && b.N !== undefined) return Number(a.N) < Number(b.N);
  return a.S !== undefined && b.S !== undefined && Buffer.compare(Buffer.from(a.S), Buffer.from(b.S)) < 0;
};

const invalid = (message: string) => new AwsError("ValidationException", message);
