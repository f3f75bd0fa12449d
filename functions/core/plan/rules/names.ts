import { type Draft, each, eachKey, type Rule, type Say } from "../schema/draft.ts";
import type { PlanPath } from "../values/problems.ts";

/** Names are unique: of resources, witnesses. */
export const namesAreUnique: Rule = ({ protect, detect }, say) => {
  unique(
    each(protect).map(([{ name }, index]) => [name, ["protect", index, "name"]]),
    "a resource name of its own",
    say,
  );
  unique(
    each(detect?.witnesses).map(([{ name }, index]) => [name, ["detect", "witnesses", index, "name"]]),
    "a witness name of its own",
    say,
  );
  unique(
    each(protect).map(([{ select }, index]) => {
      const tags = eachKey(select?.tags).map(([value, key]) => `${key}=${value}`);
      return [tags.length ? tags.sort().join(", ") : undefined, ["protect", index, "select", "tags"]];
    }),
    "a selection of its own, or two resources protect the same servers",
    say,
  );
  unique(
    each(protect).flatMap(([{ launch }, index]) =>
      each(launch?.elasticIps).map(([id, at]): Named => [id, ["protect", index, "launch", "elasticIps", at]]),
    ),
    "an Elastic IP that no other server has",
    say,
  );
  unique(
    each(protect).flatMap(([resource, index]) => addressesOf(resource, index)),
    "an address that no other server has",
    say,
  );
};

type Named = [value: string | undefined, path: PlanPath];
type DraftResource = NonNullable<NonNullable<Draft["protect"]>[number]>;

const addressesOf = ({ launch }: DraftResource, index: number): Named[] => {
  const { address } = launch ?? {};
  const fixed = typeof address === "object" ? eachKey(address) : [];
  return [
    ...fixed.map(([ip, server]): Named => [ip, ["protect", index, "launch", "address", server]]),
    ...eachKey(launch?.overrides).map(
      ([override, server]): Named => [override.address, ["protect", index, "launch", "overrides", server, "address"]],
    ),
  ];
};

const unique = (named: Named[], expected: string, say: Say) => {
  const seen = new Set<string>();
  for (const [value, path] of named) {
    if (value !== undefined && seen.has(value)) say.problem(path, expected, `${value} again`);
    if (value !== undefined) seen.add(value);
  }
};
