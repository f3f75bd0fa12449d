import type { Draft } from "./draft.ts";
import { each } from "./draft.ts";

/**
 * Names of the TXT pairs through which the health checks of a plan are read, by witness: `_lifeboat-<application>.<name>`
 * of the first one, `_lifeboat-<application>-<witness>.<name>` of a further one. `<name>` is that of the first record
 * in the zone of `traffic`, without a leading `*.`; no such record: no names.
 */
export const healthTexts = (
  application: string,
  witnesses: NonNullable<Draft["detect"]>["witnesses"],
  traffic: Draft["traffic"],
): Record<string, string> => {
  const home = each(traffic?.records).find(([{ zone }]) => zone === undefined || zone === traffic?.zone)?.[0].name;
  if (home === undefined) return {};
  const checks = each(witnesses).flatMap(([witness]) =>
    "healthCheck" in witness && witness.name !== undefined ? witness.name : [],
  );
  const base = home.toLowerCase().replace(/^\*\./, "").replace(/\.$/, "");
  return Object.fromEntries(
    checks.map((name, index) => [name, `_lifeboat-${application}${index ? `-${name}` : ""}.${base}`]),
  );
};
