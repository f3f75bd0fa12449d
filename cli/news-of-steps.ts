import type { Plan } from "../functions/core/model/plan.ts";
import type { Execution } from "../simulator/machines/executions.ts";
import type { Moment } from "../simulator/story/played-story.ts";
import { errorOf, outcomeOf } from "../simulator/story/result.ts";
import { duration } from "../terminal/format.ts";

/** What the steps give, as far as it is told: theirs to define (functions/, a file for each state). */
type StepResults = {
  AcquireLease: { held: boolean; because: string | null };
  Preflight: { waves: { resources: string[]; servers: number }[]; warnings: string[] };
  LossGate: { lossSeconds: number; ask: boolean; because: string; waitSeconds: number };
  Consider: { because: string };
  Launch: { index: number };
  JudgeWave: { next: number; good: number; wanted: number; late: number };
  MoveNames: { moved: string[] };
  Fence: { done: boolean; fenced: boolean; because: string };
  Reroute: { switch: string; changes: { name: string }[]; step: number };
  VerifyTraffic: { done: boolean; servedAt: string | null };
  Unfence: { done: boolean; because: string };
  Snapshot: { done: boolean; started: number; points: string[]; problems: Record<string, string> };
  Copy: { done: boolean; copied: number; failed: number };
  Catalog: { done: boolean; complete: string[]; discarded: string[] };
};
const resultOf = <S extends keyof StepResults>({ results }: Execution, state: S) =>
  results.get(state) as StepResults[S];

export type Step = Extract<Moment, { kind: "step" }>;

/** A run that a person asked for by name. */
export const namedRun = ({ name }: Pick<Execution, "name">) => name.includes("-by-hand");

/** The news of runs: a heading when one has its lease, what each of its stages came to, and its end. */
export const stepNews = (plan: Plan) => {
  const printed = new Set<string>();
  const once = (key: string, news: News[]) => {
    if (news.length === 0 || printed.has(key)) return [];
    printed.add(key);
    return news;
  };
  return {
    step({ at, execution, invocation: { state, outcome } }: Step): News[] {
      if (outcome !== "ok") return [];
      const text = stageText(plan, execution, state);
      const key = `${execution.arn} ${text}`;
      return text === null
        ? []
        : once(key, [{ at, text, ...(text.endsWith(" begins") && { mood: "heading" as const }) }]);
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
const stageText = (plan: Plan, execution: Execution, state: string): string | null => {
  const { machine, name } = execution;
  const waves = resultOf(execution, "Preflight")?.waves ?? [];
  const wave = (index: number) => `wave ${index + 1} of ${waves.length} (${waves[index]?.resources.join(", ")})`;
  switch (state) {
    case "AcquireLease": {
      const { held, because } = resultOf(execution, "AcquireLease");
      return held ? `${machine[0]!.toUpperCase()}${machine.slice(1)} ${name} begins` : `nothing to do: ${because}`;
    }
    case "Preflight": {
      const { warnings } = resultOf(execution, "Preflight");
      const servers = waves.reduce((sum, one) => sum + one.servers, 0);
      const what = servers
        ? `${count(servers, "server")} can be recovered in ${count(waves.length, "wave")}`
        : "traffic can move";
      return `ready: ${what}${warnings.length ? `; ${count(warnings.length, "warning")} (--report prints them)` : ""}`;
    }
    case "LossGate": {
      const { lossSeconds, ask, because, waitSeconds } = resultOf(execution, "LossGate");
      if (ask) return `approval needed within ${duration(waitSeconds)} (${because})`;
      return plan.protect.length
        ? `data loss: ${duration(lossSeconds)} of writes, ${duration(plan.recover.lossBudgetSeconds)} allowed`
        : null;
    }
    case "Consider":
      return `approval: ${resultOf(execution, "Consider").because}`;
    case "Launch": {
      const { index } = resultOf(execution, "Launch");
      return waves[index]
        ? `launching: ${wave(index)}, ${count(waves[index].servers, "server")}`
        : "waiting for late servers";
    }
    case "JudgeWave": {
      const { next, good, wanted, late } = resultOf(execution, "JudgeWave");
      const under = late ? `; ${late} still starting` : "";
      const all = waves[next - 1]?.servers ?? 0;
      return wanted ? `recovered: ${wave(next - 1)}, ${good} of ${all} serve, ${wanted} needed${under}` : null;
    }
    case "MoveNames": {
      const { moved } = resultOf(execution, "MoveNames");
      return moved.length ? `private names moved: ${moved.join(", ")}` : null;
    }
    case "Fence": {
      const { done, fenced, because } = resultOf(execution, "Fence");
      return done ? `${fenced ? "fenced" : "not fenced"}: ${because}` : null;
    }
    case "Reroute": {
      const { switch: by, changes, step } = resultOf(execution, "Reroute");
      if (by === "none") return null;
      const names = [...new Set(changes.map((change) => change.name))].join(", ");
      return `rerouted: by ${by}${names ? `, ${names}` : ""}${step ? `, step ${step + 1}` : ""}`;
    }
    case "VerifyTraffic": {
      const { done, servedAt } = resultOf(execution, "VerifyTraffic");
      return done && servedAt ? "traffic verified: all name servers and resolvers return the new side" : null;
    }
    case "Unfence": {
      const { done, because } = resultOf(execution, "Unfence");
      return done ? `fence undone: ${because}` : null;
    }
    default:
      return machine === "replicate" ? passText(execution, state) : null;
  }
};

/** The stages of a replication pass that a person asked for. */
const passText = (execution: Execution, state: string): string | null => {
  if (state === "Snapshot") {
    const { done, started, points, problems } = resultOf(execution, "Snapshot");
    const failed = Object.entries(problems).map(([resource, why]) => `; ${resource}: ${why}`);
    return done
      ? `snapshots: ${count(started, "server")} for ${points.join(", ") || "no point"}${failed.join("")}`
      : null;
  }
  if (state === "Copy") {
    const { done, copied, failed } = resultOf(execution, "Copy");
    return done ? `copied: ${count(copied, "volume")}${failed ? `, ${failed} failed` : ""}` : null;
  }
  if (state !== "Catalog") return null;
  const { done, complete, discarded } = resultOf(execution, "Catalog");
  if (!done) return null;
  return `recovery points: complete ${complete.join(", ") || "none"}${discarded.length ? `; discarded ${discarded.join(", ")}` : ""}`;
};

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** One line of news, ms; `heading` begins a part of the story. `mood`: how a terminal colours it. */
export type News = { at: number; text: string; mood?: "good" | "bad" | "person" | "heading" };
