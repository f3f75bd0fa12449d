import { account } from "../../simulator/kernel.ts";

/** Whether an event matches a pattern of a template: lists of values and wildcards, as far as the rules use them. [EB:eb-event-patterns] */
export const isMatch = (pattern: unknown, event: unknown, region: string): boolean => {
  if (Array.isArray(pattern)) return pattern.some((one) => isValue(resolved(one, region), event));
  if (typeof event !== "object" || event === null) return false;
  const fields = event as Record<string, unknown>;
  return Object.entries(pattern as object).every(([key, wanted]) => isMatch(wanted, fields[key], region));
};

const isValue = (wanted: unknown, value: unknown) => {
  const { wildcard } = (wanted ?? {}) as { wildcard?: string };
  if (wildcard === undefined) return wanted === value;
  const expression = wildcard.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return typeof value === "string" && new RegExp(`^${expression}$`, "s").test(value);
};

/** What CloudFormation makes of it in the simulated account. */
const resolved = (value: unknown, region: string): unknown => {
  const { Ref, "Fn::Sub": text } = (value ?? {}) as { Ref?: string; "Fn::Sub"?: string };
  if (Ref === "AWS::AccountId") return account;
  if (text === undefined) return value;
  const names: Record<string, string> = { Partition: "aws", AccountId: account, Region: region };
  return text.replace(/\$\{AWS::(\w+)\}/g, (_all, name) => names[name] ?? name);
};
