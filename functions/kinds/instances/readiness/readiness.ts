import { describeSelected } from "../../../aws/ec2/instances.ts";
import { describeTopic } from "../../../aws/sns.ts";
import { type Findings, joined } from "../../../core/findings.ts";
import { directionOf, homeOf, launchedOf, protectedOf, servesWhereProtected } from "../../../core/model/direction.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Row } from "../../../core/model/row.ts";
import type { Run } from "../../../core/model/run.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import type { Proof } from "../../../core/readiness/proof.ts";
import {
  isYoung,
  joinReadiness,
  judgeAccounts,
  judgePlace,
  judgeRights,
  judgeSelected,
  judgeTested,
  type Readiness,
  type Ripening,
  type Tested,
} from "../../../core/readiness/readiness.ts";
import { judgeTopic } from "../../../core/readiness/topic-rules.ts";
import { unwired } from "../../../core/traffic/health-inputs.ts";
import type { Context } from "../../../runtime/context.ts";
import { checkTraffic } from "../../../traffic/check-traffic.ts";
import { optional } from "./conditions.ts";
import { checkRecoverable } from "./recoverable.ts";
import { judgeRecoverySide, readRecoverySide } from "./recovery-side.ts";
import { type LookedAt, usablePoint } from "./usable-point.ts";

/** What the table knows of an application that is deployed. */
export type Deployed = { planVersion: string; row: Row; proof: Proof | null; tested: Tested };

/**
 * Would a failover work, if it were needed now? Reads both sides and changes nothing: the rules of Preflight for the newest
 * points, and what no run could mend any more: who would hear of it, whose account everything is, what the daily proof of the
 * rights found. `deployed`: null before the first deployment, when there are no points, no proof and no health check yet.
 */
export const assessReadiness = async (
  context: Context,
  plan: Plan,
  account: string,
  deployed: Deployed | null,
): Promise<Readiness> => {
  const now = context.now();
  const { proof = null, tested = {}, row } = deployed ?? {};
  const young = isYoung(plan, proof?.since ?? null, now);
  const isHome = !row || servesWhereProtected(plan, row);
  const found = await Promise.all([
    row ? judgePlace(plan, row) : nothing,
    judgeAccounts(plan, account),
    ...plan.protect.map((resource) =>
      optional(`${resource.name}: what ${protectedOf(plan)} runs`, () => selected(context, plan, resource)),
    ),
    isHome ? recoverable(context, plan, account, deployed, proof?.since ?? null) : places(context, plan),
    ...plan.notify.topics.map((arn) => optional(`topic ${arn}`, () => topic(context, plan, arn))),
    ...(deployed ? [judgeTested(plan.notify.topics, tested, young), judgeRights(proof, young, now)] : []),
  ]);
  return joinReadiness(now, found, tested);
};

const nothing: Findings = { problems: [], warnings: [] };

/** One short attempt: a source that is dark just now is another thing to worry about. */
const selected = async ({ clients }: Context, plan: Plan, resource: Plan["protect"][number]) => {
  const found = await describeSelected(clients, protectedOf(plan), resource.select.tags, "optional");
  return judgeSelected(resource, protectedOf(plan), found.length);
};

const topic = async ({ clients }: Context, plan: Plan, arn: string) =>
  judgeTopic(arn, await describeTopic(clients, homeOf(plan), arn));

/** Preflight's own rules, for the points that a failover would take now. */
const recoverable = async (
  context: Context,
  plan: Plan,
  account: string,
  deployed: Deployed | null,
  since: string | null,
): Promise<Ripening> => {
  const run = runOf(plan, account, deployed, context.now());
  const [usable, traffic] = await Promise.all([
    Promise.all(plan.protect.map((resource) => (deployed ? newest(context, run, resource) : none))),
    checkTraffic(context, plan, protectedOf(plan)),
  ]);
  const early = !deployed && plan.traffic?.healthCheck === "create";
  // a resource that was tried before waits for nothing, however lately the plan was deployed
  const waits = usable.flatMap(({ point, triedAt, problems }) =>
    !point && isYoung(plan, earlier(since, triedAt), context.now()) ? problems : [],
  );
  const found = await checkRecoverable(context, run, plan, usable, traffic);
  const { problems, warnings } = found;
  const isTold = (problem: string) => !waits.includes(problem) && !(early && problem.endsWith(unwired));
  return { problems: problems.filter(isTold), waiting: waits, warnings };
};

const earlier = (since: string | null, triedAt: string | null) =>
  since && triedAt && triedAt < since ? triedAt : since;

/** `triedAt`: when the oldest point on record was begun. */
type Newest = LookedAt & { triedAt: string | null };
const none: Newest = { point: null, manifests: [], problems: [], warnings: [], triedAt: null };

const newest = async (context: Context, run: Run, resource: Plan["protect"][number]): Promise<Newest> => {
  const points = await context.store.points(run.application, resource.name);
  const [triedAt = null] = points.map(({ openedAt }) => openedAt).sort();
  const point = choosePoint(points, resource.name, { kind: "latest" }, run);
  const { instead, ...found } = await usablePoint(context, run, resource, point?.id);
  return { ...found, warnings: [...(instead ? [instead] : []), ...found.warnings], triedAt };
};

/** While it is served from there, what the plan names has to exist all the same; that its servers have the addresses is right. */
const places = async (context: Context, plan: Plan): Promise<Findings> => {
  const { protect } = plan;
  const region = launchedOf(plan);
  const side = await readRecoverySide(context, region, protect);
  const elasticIps = side.elasticIps.map((one) => ({ ...one, instance: null, interface: null }));
  return joined(judgeRecoverySide({ ...side, elasticIps }, region, protect, ({ launch }) => launch.elasticIps.length));
};

/** The failover that is imagined: it has no execution, holds no lease, and takes the newest points. */
const runOf = (plan: Plan, account: string, deployed: Deployed | null, now: Date): Run => ({
  application: plan.application,
  machine: "failover",
  name: "readiness",
  startedAt: now.toISOString(),
  id: `arn:aws:states:${homeOf(plan)}:${account}:execution:lifeboat-failover:readiness`,
  planVersion: deployed?.planVersion ?? "",
  ...directionOf(plan, { active: protectedOf(plan) }),
  fenceFirst: plan.recover.fenceFirst,
  unfenceOnFailure: plan.recover.onFailure === "unfence",
  request: { by: "schedule", reason: null, recoveryPoint: "latest", approve: false, force: false },
  incident: null,
  answer: null,
  resume: null,
});
