import { resumeProcesses, suspendProcesses } from "../../../aws/auto-scaling.ts";
import { type Group, openGroups, unsuspended } from "../../../core/fence/auto-scaling-groups.ts";
import { allReplies, type GroupFacts } from "../../../core/fence/facts.ts";
import type { GroupReply } from "../../../core/fence/outcome.ts";
import type { GroupRecord } from "../../../core/fence/undo-log.ts";
import { type LeftChange, titleOf } from "../../../core/fence/unfence.ts";
import { attempt } from "../../../runtime/attempt.ts";
import { readGroups } from "./read-facts.ts";
import type { FenceTarget, UndoLog } from "./undo-log.ts";

/** Suspends these groups, having written down which processes those are, and reads it back. Safe to run twice. */
export const suspendGroups = async (
  target: FenceTarget,
  undo: UndoLog,
  facts: GroupFacts,
  open: Group[],
): Promise<GroupReply> => {
  const { context, region } = target;
  const { names, found, answered, refused } = facts;
  if (open.length === 0) return { open: openGroups(names, found), answered, refused, changed: [] };
  await undo.write({ groups: open });
  const suspended = await Promise.all(
    open.map((group) =>
      attempt(context, "suspend", suspendProcesses(context.clients, region, group.name, unsuspended(group))),
    ),
  );
  const after = await readGroups(
    target,
    open.map(({ name }) => name),
  );
  return {
    ...allReplies([after, ...suspended]),
    open: openGroups(after.names, after.found),
    changed: open.filter((_, at) => suspended[at]!.code === null).map(({ name }) => name),
  };
};

/**
 * Resumes just the processes that the fence suspended, once the servers run: a group that finds one stopped would
 * terminate it. [AS: ec2-auto-scaling-health-checks] `when`: `later` while a server may still come to run, `never` when
 * nothing more can be done. Returns the groups that are not resumed yet.
 */
export const resumeGroups = async (
  { context, region }: FenceTarget,
  groups: GroupRecord[],
  when: "now" | "later" | "never",
): Promise<LeftChange[]> => {
  const resume = async ({ kind, id, processes }: GroupRecord): Promise<LeftChange[]> => {
    const title = titleOf({ kind, id });
    if (when !== "now") return [{ title, code: "suspended", lasting: when === "never" }];
    const resumed = await attempt(context, "resume", resumeProcesses(context.clients, region, id, processes));
    return resumed.code === null ? [] : [{ title, code: resumed.code, lasting: resumed.refused }];
  };
  return (await Promise.all(groups.map(resume))).flat();
};
