import { executionOf, startOnce } from "../aws/executions.ts";
import type { Decision } from "../core/detect/decide-action.ts";
import type { EvidenceIncident } from "../core/detect/incident.ts";
import { servesWhereProtected, watchedOf } from "../core/model/direction.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Row } from "../core/model/row.ts";
import { incidentRunName, secondRunName } from "../core/names.ts";
import { whyOnceMore } from "../core/run/second-start.ts";
import type { Context } from "../runtime/context.ts";
import { announceDecision, announceNews } from "./announce-decision.ts";

type Decided = Decision & { at: string };

/**
 * Starts the run of an answered incident once more, with the input that it had, when the first one ended on a passing fault.
 * The second one has a name of its own, so that there is one, however many evaluations come to it. Gives what it decided, or null.
 */
export const startAgain = async (
  context: Context,
  plan: Plan,
  incident: EvidenceIncident,
  row: Row,
  because: string,
): Promise<Decided | null> => {
  const { clients, settings, now, log } = context;
  const { application } = plan;
  const machine = settings.failoverMachine;
  const [name, second] = [incidentRunName(application, incident.id), secondRunName(application, incident.id)];
  const find = (one: string) => executionOf(clients, settings.region, machine, one);
  if (incident.answer === "notify" || row.run || !servesWhereProtected(plan, row) || (await find(second))) return null;
  const first = await find(name);
  const why = whyOnceMore(incident, row, watchedOf(plan), { name, end: first }, now());
  if (!first || why === null) return null;

  const at = now().toISOString();
  const decision: Decided = {
    action: incident.answer === "ask" ? "ask" : "act",
    code: "RegionUnhealthy",
    because: `${because}; ${why}`,
    at,
  };
  const given = first.input as { incident: Record<string, unknown> };
  const input = { ...given, incident: { ...given.incident, decidedAt: at, because: decision.because } };
  const { started } = await startOnce(clients, settings.region, { machine, name: second, input });
  log.info(started ? "run started once more" : "run was started once more before", { application, name: second });
  if (!started) return null;
  await announceDecision(context, plan, decision);
  await announceNews(context, plan, decision);
  return decision;
};
