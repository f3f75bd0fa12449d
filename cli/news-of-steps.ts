import type { CatalogResult } from "../functions/catalog.ts";
import type { ConsiderResult } from "../functions/consider.ts";
import type { CopyResult } from "../functions/copy.ts";
import type { Plan } from "../functions/core/plan.ts";
import type { FenceResult } from "../functions/fence.ts";
import type { JudgeWaveResult } from "../functions/judge-wave.ts";
import type { LossGateResult } from "../functions/loss-gate.ts";
import type { MoveNamesResult } from "../functions/move-names.ts";
import type { PreflightResult } from "../functions/preflight.ts";
import type { RerouteResult } from "../functions/reroute.ts";
import type { SnapshotResult } from "../functions/snapshot.ts";
import type { UnfenceResult } from "../functions/unfence.ts";
import type { TrafficResult } from "../functions/verify-traffic.ts";
import type { Execution } from "../simulator/executions.ts";
import { errorOf, outcomeOf } from "../simulator/result.ts";
import type { Moment } from "../simulator/story.ts";
import { duration } from "./format.ts";
import type { News } from "./news.ts";

export type Step = Extract<Moment, { kind: "step" }>;

/** A run that a person asked for by name. */
export const namedRun = ({ name }: Pick<Execution, "name">) => name.includes("-by-hand");

/** The news of runs: a heading when one has its lease, what each of its stages came to, and its end. */
export const stepNews = (plan: Plan) => {
  const told = new Set<string>();
  const once = (key: string, news: News[]) => {
    if (news.length === 0 || told.has(key)) return [];
    told.add(key);
    return news;
  };
  return {
    step({ at, execution, invocation: { state, outcome } }: Step): News[] {
      if (outcome !== "ok") return [];
      const of = <T>() => execution.results.get(state) as T;
      const text = stageText(plan, execution, state, of);
      const key = `${execution.arn} ${text}`;
      return text === null ? [] : once(key, [{ at, text, ...(state === "AcquireLease" && { mood: "heading" }) }]);
    },
    ended(execution: Execution): News[] {
      const { machine, name, status, startedAt, endedAt } = execution;
      if (status === "RUNNING") return [];
      const at = endedAt ?? startedAt;
      const error = errorOf(execution);
      const took = `after ${duration((at - startedAt) / 1_000)}`;
      const text = `${machine} ${name}: ${outcomeOf(execution)}, ${took}${error ? `: ${error.message}` : ""}`;
      return [{ at, text, mood: error ? "bad" : "good" }];
    },
  };
};

/** What a stage came to, in a line; null while that is open, and for what is no news. */
const stageText = (plan: Plan, execution: Execution, state: string, of: <T>() => T): string | null => {
  const { machine, name } = execution;
  const waves = (execution.results.get("Preflight") as PreflightResult | undefined)?.waves ?? [];
  const wave = (index: number) => `wave ${index + 1} of ${waves.length} (${waves[index]?.resources.join(", ")})`;
  switch (state) {
    case "AcquireLease":
      return of<{ held: boolean }>().held ? `${machine[0]!.toUpperCase()}${machine.slice(1)} ${name} begins` : null;
    case "Preflight": {
      const { warnings } = of<PreflightResult>();
      const servers = waves.reduce((sum, one) => sum + one.servers, 0);
      const what = servers
        ? `${count(servers, "server")} can be recovered in ${count(waves.length, "wave")}`
        : "traffic can move";
      return `ready: ${what}${warnings.length ? `; ${count(warnings.length, "warning")} (--report prints them)` : ""}`;
    }
    case "LossGate": {
      const { lossSeconds, ask, because, waitSeconds } = of<LossGateResult>();
      if (ask) return `asked: a person has ${duration(waitSeconds)} to answer (${because})`;
      return plan.protect.length
        ? `loss: ${duration(lossSeconds)} of writes, ${duration(plan.recover.lossBudgetSeconds)} allowed`
        : null;
    }
    case "Consider":
      return `answered: ${of<ConsiderResult>().because}`;
    case "Launch": {
      const { index } = of<{ index: number }>();
      return `launching: ${wave(index)}, ${count(waves[index]?.servers ?? 0, "server")}`;
    }
    case "JudgeWave": {
      const { next, good, wanted, late } = of<JudgeWaveResult>();
      const under = late ? `; ${late} still under way` : "";
      const all = count(waves[next - 1]?.servers ?? 0, "server");
      return wanted ? `recovered: ${wave(next - 1)}, ${good} of ${all} serve, ${wanted} needed${under}` : null;
    }
    case "MoveNames": {
      const { moved } = of<MoveNamesResult>();
      return moved.length ? `private names moved: ${moved.join(", ")}` : null;
    }
    case "Fence": {
      const { done, fenced, because } = of<FenceResult>();
      return done ? `${fenced ? "fenced" : "not fenced"}: ${because}` : null;
    }
    case "Reroute": {
      const { switch: by, changes, step } = of<RerouteResult>();
      if (by === "none") return null;
      const names = [...new Set(changes.map((change) => change.name))].join(", ");
      return `rerouted: by ${by}${names ? `, ${names}` : ""}${step ? `, step ${step + 1}` : ""}`;
    }
    case "VerifyTraffic": {
      const { done, servedAt } = of<TrafficResult>();
      return done && servedAt ? "traffic verified: all name servers and resolvers answer with the new side" : null;
    }
    case "Unfence": {
      const { done, because } = of<UnfenceResult>();
      return done ? `fence undone: ${because}` : null;
    }
    default:
      return machine === "replicate" ? passText(execution, state) : null;
  }
};

/** The stages of a replication pass that a person asked for. */
const passText = ({ results }: Execution, state: string): string | null => {
  const of = <T>() => results.get(state) as T;
  if (state === "Snapshot") {
    const { done, started, points } = of<SnapshotResult>();
    return done ? `snapshots: ${count(started, "server")} for ${points.join(", ") || "no point"}` : null;
  }
  if (state === "Copy") {
    const { done, copied, failed } = of<CopyResult>();
    return done ? `copied: ${count(copied, "volume")}${failed ? `, ${failed} failed` : ""}` : null;
  }
  if (state !== "Catalog") return null;
  const { done, complete, discarded } = of<CatalogResult>();
  if (!done) return null;
  return `recovery points: complete ${complete.join(", ") || "none"}${discarded.length ? `; given up ${discarded.join(", ")}` : ""}`;
};

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
