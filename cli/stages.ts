import type { Plan } from "../functions/core/plan.ts";
import { isAnswer, isProof } from "../simulator/runs.ts";
import type { Moment } from "../simulator/story.ts";
import type { Paint } from "./format.ts";

/** Stages of a failover, in the words of a reader, and the states that they are made of. */
const stageOf: Record<string, string> = {
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
};

/** Where the failover is: one line of its stages. Other machines, which work beside it, are left out. */
export const createStages = ({ protect, traffic, recover }: Plan) => {
  const servers = protect.length > 0 ? ["launch"] : [];
  const order = [
    "check",
    ...(recover.fenceFirst ? ["fence", ...servers] : [...servers, "fence"]),
    ...(traffic ? ["reroute", "verify traffic"] : []),
    "report",
  ];
  let now: string | null = null;
  let over = false;
  return {
    hear(moment: Moment) {
      if (moment.kind === "zero") over = false;
      if (moment.kind !== "step" && moment.kind !== "run") return;
      const { execution } = moment;
      if (execution.machine !== "failover" || isAnswer(execution) || isProof(execution)) return;
      if (moment.kind === "run") over = execution.status !== "RUNNING";
      else now = stageOf[moment.invocation.state] ?? now;
    },
    line(paint: Paint): string {
      if (now === null) return "watching";
      if (over) return "the failover has ended";
      const stages = now === "ask" ? ["check", "ask", ...order.slice(1)] : order;
      const at = stages.indexOf(now);
      return stages
        .map((stage, index) =>
          index < at ? paint.green(`${stage} ✓`) : index === at ? paint.bold(`${stage} …`) : paint.dim(stage),
        )
        .join("  ");
    },
  };
};
