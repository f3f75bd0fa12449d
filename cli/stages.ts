import type { Plan } from "../functions/core/model/plan.ts";
import type { MachineName } from "../simulator/machines/executions.ts";
import { isAnswer, isProof } from "../simulator/machines/runs.ts";
import type { Moment } from "../simulator/story/played-story.ts";
import type { Paint } from "../terminal/format.ts";
import { namedRun } from "./news-of-steps.ts";

/** Stages of a run, in the words of a reader, and the states that they are made of. */
const stagesOf: Partial<Record<MachineName, Record<string, string>>> = {
  failover: {
    LoadPlan: "check",
    AcquireLease: "check",
    Preflight: "check",
    LossGate: "check",
    Ask: "ask",
    Consider: "ask",
    Launch: "launch",
    CheckProgress: "launch",
    Attach: "launch",
    Verify: "launch",
    JudgeWave: "launch",
    MoveNames: "launch",
    Fence: "fence",
    Reroute: "reroute",
    Gate: "reroute",
    VerifyTraffic: "verify traffic",
    Report: "report",
    Release: "report",
  },
  replicate: { Snapshot: "snapshots", Copy: "copies", Pause: "copies", Catalog: "recovery points", Report: "report" },
  rotate: { Rotate: "deletions", Report: "report" },
};

/** Where the failover is, or the pass that a person asked for: one line of its stages. What works beside it is left out. */
export const createStages = ({ protect, traffic, recover }: Plan) => {
  const servers = protect.length > 0 ? ["launch"] : [];
  const failover = [
    "check",
    ...(recover.fenceFirst ? ["fence", ...servers] : [...servers, "fence"]),
    ...(traffic ? ["reroute", "verify traffic"] : []),
    "report",
  ];
  let machine: MachineName | null = null;
  let now: string | null = null;
  let over = false;
  const order = () => (machine === "failover" ? failover : [...new Set(Object.values(stagesOf[machine!] ?? {}))]);
  return {
    show(moment: Moment) {
      if (moment.kind !== "step" && moment.kind !== "run") return;
      const { execution } = moment;
      if (isAnswer(execution) || isProof(execution)) return;
      if (execution.machine !== "failover" && !namedRun(execution)) return;
      machine = execution.machine;
      if (moment.kind === "run") over = execution.status !== "RUNNING";
      else now = stagesOf[machine]?.[moment.invocation.state] ?? now;
    },
    line(paint: Paint): string {
      if (now === null || machine === null) return "watching";
      if (over) return `the ${machine} run has ended`;
      const stages = now === "ask" ? ["check", "ask", ...order().slice(1)] : order();
      const at = stages.indexOf(now);
      return stages
        .map((stage, index) =>
          index < at ? paint.green(`${stage} ✓`) : index === at ? paint.bold(`${stage} …`) : paint.dim(stage),
        )
        .join("  ");
    },
  };
};
