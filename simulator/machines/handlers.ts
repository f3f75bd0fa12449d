import { handler as acquireLease } from "../../functions/acquire-lease.ts";
import { handler as answer } from "../../functions/answer.ts";
import { handler as ask } from "../../functions/ask.ts";
import { handler as attach } from "../../functions/attach.ts";
import { handler as catalog } from "../../functions/catalog.ts";
import { handler as checkProgress } from "../../functions/check-progress.ts";
import { handler as consider } from "../../functions/consider.ts";
import { handler as copy } from "../../functions/copy.ts";
import { handler as detect } from "../../functions/detect.ts";
import { handler as fence } from "../../functions/fence.ts";
import { handler as gate } from "../../functions/gate.ts";
import { handler as guard } from "../../functions/guard.ts";
import { handler as inspectRun } from "../../functions/inspect-run.ts";
import { handler as judgeWave } from "../../functions/judge-wave.ts";
import { handler as launch } from "../../functions/launch.ts";
import { handler as loadPlan } from "../../functions/load-plan.ts";
import { handler as lossGate } from "../../functions/loss-gate.ts";
import { handler as moveNames } from "../../functions/move-names.ts";
import { handler as pause } from "../../functions/pause.ts";
import { handler as preflight } from "../../functions/preflight.ts";
import { handler as readiness } from "../../functions/readiness.ts";
import { handler as release } from "../../functions/release.ts";
import { handler as report } from "../../functions/report.ts";
import { handler as reroute } from "../../functions/reroute.ts";
import { handler as rotate } from "../../functions/rotate.ts";
import { handler as sense } from "../../functions/sense.ts";
import { handler as snapshot } from "../../functions/snapshot.ts";
import { handler as unfence } from "../../functions/unfence.ts";
import { handler as verify } from "../../functions/verify.ts";
import { handler as verifyTraffic } from "../../functions/verify-traffic.ts";
import { handler as wake } from "../../functions/wake.ts";

/** Every Lambda by the name of its state; Detect, Readiness and Wake have none, schedules and the event bus invoke them. */
export const handlers = {
  AcquireLease: acquireLease,
  Answer: answer,
  Ask: ask,
  Attach: attach,
  Catalog: catalog,
  CheckProgress: checkProgress,
  Consider: consider,
  Copy: copy,
  Detect: detect,
  Fence: fence,
  Gate: gate,
  Guard: guard,
  InspectRun: inspectRun,
  JudgeWave: judgeWave,
  Launch: launch,
  LoadPlan: loadPlan,
  LossGate: lossGate,
  MoveNames: moveNames,
  Pause: pause,
  Preflight: preflight,
  Readiness: readiness,
  Release: release,
  Report: report,
  Reroute: reroute,
  Rotate: rotate,
  Sense: sense,
  Snapshot: snapshot,
  Unfence: unfence,
  Verify: verify,
  VerifyTraffic: verifyTraffic,
  Wake: wake,
};
