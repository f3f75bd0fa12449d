import { nearestWord } from "../../nearest-word.ts";
import { each, eachKey, type Rule } from "../schema/draft.ts";
import { scheduleOf } from "../values/schedule.ts";
import { secondsOf } from "../values/values.ts";

/** The time that a copy is expected to take: the shortest duration that AWS offers for a time-based copy. [EBS:time-based-copies] */
const expectedCopySeconds = 900;

export const somethingToMove: Rule = ({ protect, traffic }, say) => {
  if (protect?.length === 0 && traffic === undefined)
    say.problem(["protect"], "at least one resource, or traffic to move", "neither");
};

/** Every resource in exactly one wave; nothing else in any. */
export const wavesCoverResources: Rule = ({ protect, recover }, say) => {
  const { waves } = recover ?? {};
  if (!waves || !protect) return;
  const names = each(protect).flatMap(([{ name }]) => name ?? []);
  const complete = names.length === protect.length;
  const seen = new Set<string>();
  for (const [wave, index] of each(waves))
    for (const [name, at] of each(wave)) {
      const path = ["recover", "waves", index, at];
      if (seen.has(name)) say.problem(path, "each resource in one wave", `${name} again`);
      else if (complete && !names.includes(name)) {
        const nearest = nearestWord(name, names);
        say.problem(
          path,
          `the name of a resource: ${names.join(", ") || "none"}`,
          nearest ? `${name}; did you mean ${nearest}?` : name,
        );
      }
      seen.add(name);
    }
  const left = [...new Set(names)].filter((name) => !seen.has(name));
  const isWhole = waves.every((wave) => wave?.every((name) => name !== undefined));
  if (isWhole && left.length)
    say.problem(["recover", "waves"], "every resource in one wave", `none with ${left.join(", ")}`);
};

/** A value is compared as it stands, and AWS's own tags are on no server that Lifeboat launches. */
export const selectionIsMeant: Rule = ({ protect }, say) => {
  for (const [{ select }, index] of each(protect))
    for (const [value, key] of eachKey(select?.tags)) {
      const path = ["protect", index, "select", "tags", key];
      if (/[*?]/.test(value))
        say.warning(path, `${value} is not a wildcard: it selects only servers with exactly this value`);
      if (key.startsWith("aws:"))
        say.warning(path, "only AWS can set this tag: servers launched in the recovery Region do not have it");
    }
};

export const verifyHasItsWay: Rule = ({ protect }, say) => {
  for (const [{ verify, launch }, index] of each(protect)) {
    if (!launch) continue;
    const path = ["protect", index, "verify", "from"];
    const forms = verify && (["http", "https", "tcp"] as const).filter((form) => verify[form] !== undefined);
    const [form, other] = forms ?? [];
    if (forms && !form && verify?.from !== "targetGroup")
      say.problem(["protect", index, "verify"], "one of http, https and tcp", "none of them", "parent");
    if (other)
      say.problem(["protect", index, "verify", other], "one of http, https and tcp", `${other} beside ${form}`, "key");
    if (verify?.initialized && !launch.initializationRate)
      say.warning(
        ["protect", index, "verify", "initialized"],
        `without launch.initializationRate the time to load a volume is unknown; ${verify.within ?? "5m"} may be too short`,
      );
    if (verify?.from === "targetGroup" && !launch.targetGroups?.length)
      say.problem(
        path,
        "launch.targetGroups with at least one ARN, or another from",
        "targetGroup without target groups",
      );
    if (verify?.from === "public" && !launch.elasticIps?.length)
      say.warning(
        path,
        "servers without an Elastic IP answer from outside only if their subnet gives them a public address",
      );
  }
};

/** The worst age of a point, just before the next one is complete, against the objective. */
export const scheduleFitsRpo: Rule = ({ protect, objectives, timeZone }, say) => {
  const { rpo } = objectives ?? {};
  if (!rpo) return;
  for (const [{ every }, index] of each(protect)) {
    const schedule = every === undefined ? null : scheduleOf(every, timeZone);
    if (!schedule?.ok || schedule.longestSeconds + expectedCopySeconds <= secondsOf(rpo)) continue;
    const age = `${Math.ceil((schedule.longestSeconds + expectedCopySeconds) / 60)} minutes`;
    say.warning(
      ["protect", index, "every"],
      `points can get ${age} old (the longest interval and ${expectedCopySeconds / 60} minutes for the copy), above the rpo of ${rpo}`,
    );
  }
};

export const fenceCanBeProven: Rule = ({ recover, regions }, say) => {
  if (recover?.fence === "required")
    say.warning(
      ["recover", "fence"],
      `required: while ${regions?.primary ?? "the primary Region"} cannot be reached, every failover stops, automatic or manual`,
    );
};
