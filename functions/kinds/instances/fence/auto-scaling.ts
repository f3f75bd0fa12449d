import { describeGroups, resumeProcesses, suspendProcesses } from "../../../aws/auto-scaling.ts";
import { type Group, openGroups, unsuspended } from "../../../core/fence/auto-scaling-groups.ts";
import type { HeldGroup } from "../../../core/fence/undo-log.ts";
import { type LeftThing, thingOf } from "../../../core/fence/unfence.ts";
import { type Attempt, attempt } from "../../../runtime/attempt.ts";
import type { Memory, Place } from "./undo-log.ts";

/** Groups that hold servers of the plan, as they were read: `found` null = nobody told. */
export type GroupLook = { names: string[]; found: Group[] | null; answered: boolean; refused: boolean };

/** What became of them. `open`: not read back as suspended; `changed`: suspended just now. */
export type Suspended = { open: string[]; answered: boolean; refused: boolean; changed: string[] };

export const lookAtGroups = async ({ context, region }: Place, names: string[]): Promise<GroupLook> => {
  if (names.length === 0) return { names, found: [], answered: true, refused: false };
  const read = await attempt(context, "Auto Scaling groups", describeGroups(context.clients, region, names));
  return { names, found: read.value, answered: read.answered, refused: read.refused };
};

/** Suspends what is not, having written down which processes those are, and reads it back. Safe to run twice. */
export const suspendGroups = async (place: Place, memory: Memory, look: GroupLook): Promise<Suspended> => {
  const { context, region } = place;
  const { names, found } = look;
  if (found === null) return { ...look, open: names, changed: [] };
  const open = found.filter((group) => unsuspended(group).length > 0);
  if (open.length === 0) return { open: [], answered: true, refused: false, changed: [] };
  await memory.remember({ groups: open });
  const asked: Attempt<void>[] = await Promise.all(
    open.map((group) =>
      attempt(context, "suspend", suspendProcesses(context.clients, region, group.name, unsuspended(group))),
    ),
  );
  const after = await lookAtGroups(
    place,
    open.map(({ name }) => name),
  );
  return {
    open: openGroups(after.names, after.found),
    answered: after.answered && asked.every(({ answered }) => answered),
    refused: after.refused || asked.some(({ refused }) => refused),
    changed: open.filter((_, at) => asked[at]!.code === null).map(({ name }) => name),
  };
};

/**
 * Resumes just the processes that the fence suspended, once the servers run: a group that finds one stopped would
 * terminate it. [AS: ec2-auto-scaling-health-checks] `when`: they wait for something, that may never come. Gives the groups
 * that are not resumed yet.
 */
export const resumeGroups = async (
  { context, region }: Place,
  groups: HeldGroup[],
  when: "now" | "later" | "never",
): Promise<LeftThing[]> => {
  const resume = async ({ kind, id, processes }: HeldGroup): Promise<LeftThing[]> => {
    const thing = thingOf({ kind, id });
    if (when !== "now") return [{ thing, code: "suspended", lasting: when === "never" }];
    const asked = await attempt(context, "resume", resumeProcesses(context.clients, region, id, processes));
    return asked.code === null ? [] : [{ thing, code: asked.code, lasting: asked.refused }];
  };
  return (await Promise.all(groups.map(resume))).flat();
};
