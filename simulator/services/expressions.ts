import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  type Item,
  invalid,
  type Path,
  type Placeholders,
  type Read,
  readPath,
  readTokens,
} from "./expression-tokens.ts";

/**
 * DynamoDB's expressions, as far as Lifeboat writes them, by parsing:
 *
 *   condition := and { OR and }            and := term { AND term }
 *   term      := "(" condition ")" | attribute_exists(path) | attribute_not_exists(path)
 *              | operand ("=" | "<") operand
 *   keys      := pk "=" :value { AND begins_with(sk, :value) }
 *   update    := { SET path "=" amount { "," ... } | REMOVE path { "," path } }
 *   amount    := term { "+" term }         term := operand | if_not_exists(path, operand)
 *   operand   := path | :value             path := name { "." name }    name := #placeholder | pk | sk
 *
 * Anything else is refused with a plain Error, so that it cannot pass for an answer of AWS. A bare name other than a
 * key's is refused too: DynamoDB reserves 573 words. [AMZN DynamoDB developer guide: Expressions]
 */
export type Check = (item: Item) => boolean;
export type Change = (item: Item) => Item;

export const parseCondition = (text: string, given: Placeholders): Check => {
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

  const parsed = condition();
  tokens.end();
  return parsed;
};

/** The partition that a Query reads, and what its sort keys begin with. */
export const parseKeyCondition = (text: string, given: Placeholders): { pk: string; prefix: string } => {
  const tokens = readTokens(text, given);
  const key = (name: string) => {
    if (tokens.path().join(".") !== name) throw tokens.refused();
  };
  const valueFor = (name: string) => {
    const value = tokens.operand()({})?.S ?? "";
    if (value) return value;
    // a prefix of no characters is none [https://github.com/getmoto/moto/issues/7062]
    const because = "The AttributeValue for a key attribute cannot contain an empty string value";
    throw invalid(`One or more parameter values are not valid. ${because}. Key: ${name}`);
  };
  key("pk");
  tokens.expect("=");
  const pk = valueFor("pk");
  let prefix = "";
  if (tokens.take("AND")) {
    tokens.expect("begins_with");
    prefix = tokens.inBrackets(() => {
      key("sk");
      tokens.expect(",");
      return valueFor("sk");
    });
  }
  tokens.end();
  return { pk, prefix };
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
