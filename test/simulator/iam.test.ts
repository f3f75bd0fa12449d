import { expect, test } from "vitest";
import { type Asking, isAllowed, matches, type Statement } from "../../simulator/iam/policy.ts";

const statement = (condition?: Statement["condition"]): Statement[] => [
  {
    actions: ["ec2:StopInstances"],
    resources: ["arn:aws:ec2:eu-west-1:111122223333:instance/*"],
    ...(condition && { condition }),
  },
];
const asking = (keys: Asking["keys"] = {}, over: Partial<Asking> = {}): Asking => ({
  action: "ec2:StopInstances",
  resource: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
  keys,
  ...over,
});

test("an action on a resource is allowed by a statement that has both, and by no other", () => {
  expect(isAllowed(statement(), asking())).toBe(true);
  expect(isAllowed(statement(), asking({}, { action: "ec2:StartInstances" }))).toBe(false);
  expect(isAllowed(statement(), asking({}, { resource: "arn:aws:ec2:eu-west-2:111122223333:instance/i-1" }))).toBe(
    false,
  );
  expect(isAllowed([], asking())).toBe(false);
});

test.each<[string, boolean]>([
  ["instance/*", true],
  ["instance/i-?", true],
  ["instance/i-", false],
  ["instance/i.1", false],
  ["*", true],
])("the pattern %s matches instance/i-1: %s", (pattern, is) => {
  expect(matches(pattern, "instance/i-1")).toBe(is);
});

test.each<[string, Statement["condition"], Asking["keys"], boolean]>([
  ["a tag that is there", { Null: { "aws:ResourceTag/a": "false" } }, { "aws:ResourceTag/a": "" }, true],
  ["a tag that is not", { Null: { "aws:ResourceTag/a": "false" } }, {}, false],
  ["an absent key that has to be absent", { Null: { "aws:ResourceTag/a": "true" } }, {}, true],
  ["one of two values", { StringEquals: { k: ["a", "b"] } }, { k: "b" }, true],
  ["none of them", { StringEquals: { k: ["a", "b"] } }, { k: "c" }, false],
  ["a key that is not there", { StringEquals: { k: "a" } }, {}, false],
  ["another case of the key, which is none", { StringEquals: { K: "a" } }, { k: "a" }, true],
  ["another case of the value, which is one", { StringEquals: { k: "A" } }, { k: "a" }, false],
  ["a star in an equality, which is a star", { StringEquals: { k: "a*" } }, { k: "ab" }, false],
  ["a star in a likeness", { StringLike: { k: "a*" } }, { k: "ab" }, true],
  ["all of a list", { "ForAllValues:StringEquals": { k: ["a", "b"] } }, { k: ["a", "b", "a"] }, true],
  ["one too many in a list", { "ForAllValues:StringEquals": { k: ["a"] } }, { k: ["a", "b"] }, false],
  ["no list at all", { "ForAllValues:StringEquals": { k: ["a"] } }, {}, true],
  ["a list without what is refused", { "ForAllValues:StringNotLike": { k: ["x:*"] } }, { k: ["a"] }, true],
  ["a list with what is refused", { "ForAllValues:StringNotLike": { k: ["x:*"] } }, { k: ["a", "x:1"] }, false],
  ["a flag", { Bool: { k: "true" } }, { k: "true" }, true],
  ["the other flag", { Bool: { k: "true" } }, { k: "false" }, false],
  ["a flag that need not be there", { BoolIfExists: { k: "false" } }, {}, true],
  ["a number as large as allowed", { NumericLessThanEquals: { k: "7" } }, { k: "7" }, true],
  ["a larger one", { NumericLessThanEquals: { k: "7" } }, { k: "10" }, false],
  ["two conditions, of which one fails", { Bool: { k: "true" }, StringEquals: { l: "a" } }, { k: "true" }, false],
])("IAM's logic: %s", (_, condition, keys, is) => {
  expect(isAllowed(statement(condition), asking(keys))).toBe(is);
});

test("an operator that the simulator does not know is an error, not a denial", () => {
  expect(() => isAllowed(statement({ DateLessThan: { k: "a" } }), asking({ k: "a" }))).toThrow("DateLessThan");
});
