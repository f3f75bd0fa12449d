import type { Statement } from "./policy.ts";

type Tags = Record<string, string>;
type Condition = NonNullable<Statement["condition"]>;

/** A role has room for 10,240 characters. [IAM:reference_iam-quotas] What does not fit in this share of it is not told one by one. */
const charactersMax = 2_500;
export const fits = (list: unknown[]) => JSON.stringify(list).length <= charactersMax;

/**
 * Conditions, one of which holds for a server that one of these sets of tags selects; sets that differ in one key share
 * one. `prefix`: the name under which a service tells the tags of a server. Empty conditions where there are too many
 * sets, or where a policy cannot say one: then the Region alone decides.
 */
export const selectedBy = (selections: Tags[], prefix: "aws:ResourceTag" | "ssm:resourceTag"): Condition[] => {
  const sayable = selections.map((tags) => Object.entries(tags).filter(([key, value]) => isSayable(key + value)));
  if (sayable.some((entries) => entries.length === 0)) return [{}];
  const groups = Map.groupBy(sayable, (entries) => JSON.stringify(entries.map(([key]) => key).sort()));
  const merged = [...groups.values()].flatMap(mergeOf);
  if (!fits(merged)) return [{}];
  return merged.map((tags) => ({
    StringEquals: Object.fromEntries(
      Object.entries(tags).map(([key, values]) => [`${prefix}/${key}`, values.length === 1 ? values[0]! : values]),
    ),
  }));
};

/** Sets with the same keys; those that differ only in the key with the most values become one. */
const mergeOf = (sets: [string, string][][]): Record<string, string[]>[] => {
  const keys = sets[0]!.map(([key]) => key);
  const valuesOf = (key: string) => new Set(sets.map((entries) => Object.fromEntries(entries)[key]!));
  const [varied] = keys.toSorted((one, other) => valuesOf(other).size - valuesOf(one).size);
  const alike = Map.groupBy(sets, (entries) =>
    JSON.stringify(entries.filter(([key]) => key !== varied).sort(([one], [other]) => (one < other ? -1 : 1))),
  );
  return [...alike.values()].map((some) =>
    Object.fromEntries(
      keys.map((key) => [key, [...new Set(some.map((entries) => Object.fromEntries(entries)[key]!))].sort()]),
    ),
  );
};

/** A policy is written in Latin-1, and reads `${` as a variable. [IAM:reference_iam-quotas, reference_policies_variables] */
const isSayable = (text: string) => /^[\x20-\x7e\xa1-\xff]*$/.test(text) && !text.includes("${");
