/** Evaluation of IAM policies. */

/** A statement that allows, as infra writes it for Fn::Sub. */
export type Statement = {
  actions: string[];
  resources: string[];
  condition?: Record<string, Record<string, string | string[]>>;
};
/** What a service asks IAM about one call: an action, on one resource, with what is known of both. `keys`: absent = not there. */
export type Asking = { action: string; resource: string; keys: Record<string, string | string[]> };

/** Whether one of the statements allows it. */
export const isAllowed = (statements: Statement[], asking: Asking): boolean =>
  statements.some(
    ({ actions, resources, condition = {} }) =>
      actions.includes(asking.action) &&
      resources.some((pattern) => matches(pattern, asking.resource)) &&
      Object.entries(condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, given(asking.keys, key), [wanted].flat())),
      ),
  );

/** `*` is any text, `?` one character, and everything else stands for itself. [IAM:reference_policies_elements_resource] */
export const matches = (pattern: string, text: string): boolean => patternOf(pattern).test(text);

const patterns = new Map<string, RegExp>();
const patternOf = (pattern: string): RegExp => {
  const known = patterns.get(pattern);
  if (known) return known;
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const made = new RegExp(`^${text}$`, "s");
  patterns.set(pattern, made);
  return made;
};

/** Names of condition keys have no case. [IAM:reference_policies_elements_condition] */
const given = (keys: Asking["keys"], key: string) => {
  const name = Object.keys(keys).find((one) => one.toLowerCase() === key.toLowerCase());
  return name === undefined ? undefined : keys[name];
};

type Test = (value: string, wanted: string) => boolean;
const tests: Record<string, Test> = {
  StringEquals: (value, wanted) => value === wanted,
  StringLike: (value, wanted) => matches(wanted, value),
  Bool: (value, wanted) => value === wanted,
  NumericLessThanEquals: (value, wanted) => Number(value) <= Number(wanted),
};
const refusing: Record<string, Test> = { StringNotLike: (value, wanted) => !matches(wanted, value) };

/** Several wanted values are alternatives; of an operator that refuses, none may hold. [IAM:reference_policies_condition-logic-multiple-context-keys-or-values] */
const holds = (operator: string, value: string | string[] | undefined, wanted: string[]): boolean => {
  if (operator === "Null") return wanted.includes(String(value === undefined));
  const [, forAll, name, ifExists] = /^(ForAllValues:)?(.*?)(IfExists)?$/.exec(operator)!;
  const test = tests[name!] ?? refusing[name!];
  if (!test) throw new Error(`simulator/iam/policy.ts: the operator ${operator} is not simulated`);
  const one = (given: string) =>
    tests[name!] ? wanted.some((each) => test(given, each)) : wanted.every((each) => test(given, each));
  if (value === undefined) return Boolean(forAll) || Boolean(ifExists);
  if (!forAll && Array.isArray(value)) throw new Error(`simulator/iam/policy.ts: ${operator} was given a list`);
  return [value].flat().every(one);
};
