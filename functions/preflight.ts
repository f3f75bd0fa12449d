import * as z from "zod/mini";
import type { Waves } from "./aws/store/server-store.ts";
import type { Evidence } from "./core/detect/evidence.ts";
import { witnessWarnings } from "./core/detect/witness-warnings.ts";
import { RefusedError } from "./core/errors.ts";
import { attainableWarnings, loadOf } from "./core/instances/copy/attainable.ts";
import type { Placed } from "./core/instances/launch/preflight-rules.ts";
import type { Resource } from "./core/model/plan.ts";
import type { Run } from "./core/model/run.ts";
import { newServer } from "./core/model/server.ts";
import { atMost, withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { hasPrivateNames } from "./core/traffic/private-names.ts";
import { pinUsable } from "./kinds/instances/readiness/pin-usable.ts";
import { provePreflight } from "./kinds/instances/readiness/prove-preflight.ts";
import { checkRecoverable } from "./kinds/instances/readiness/recoverable.ts";
import type { LookedAt } from "./kinds/instances/readiness/usable-point.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { inParallel } from "./runtime/in-parallel.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";
import { checkTraffic } from "./traffic/check-traffic.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput });

export type PreflightResult = {
  /** The servers themselves are in the table. */
  waves: Waves["waves"];
  waveCount: number;
  /** Resource -> id of the point that is restored: an older one than was pinned first, where that cannot be used. */
  points: Record<string, string>;
  /** Do names of private zones move between the waves. */
  names: boolean;
  warnings: string[];
};

/**
 * Can this be recovered? Changes nothing but what the run has pinned, and the table, where it writes the servers of the
 * run. Throws one RefusedError that lists every problem. Safe to run twice.
 */
export const preflight = async ({ run, lease }: z.infer<typeof Input>, context: Context): Promise<PreflightResult> => {
  const startedAt = context.now();
  const { row, plan } = await beginStep(context, run, lease.value);
  const [{ usable, points, instead }, evidence, traffic] = await Promise.all([
    pinUsable(context, run, lease.value, row, plan.protect),
    context.store.evidence<Evidence>(run.application),
    checkTraffic(context, plan, row.active),
  ]);
  const found = await checkRecoverable(context, run, plan, usable, traffic);
  const { problems } = found;
  const pace = attainableWarnings(loadsOf(plan.protect, usable), plan.objectives.rpoSeconds);
  const warnings = [...instead, ...found.warnings, ...witnessWarnings(evidence), ...pace];

  const shown = { problems: atMost(problems), warnings: atMost(warnings) };
  const code = problems.length ? "Refused" : "Ready";
  const detail = { ...shown, points, servers: found.candidates.length };
  const telling = recordStep(context, run, { state: "Preflight", startedAt, outcome: code, detail });
  if (problems.length) {
    await telling;
    throw new RefusedError(shown.problems.join("; "), "Fix the problems above and start the failover again.");
  }
  const [waves] = await Promise.all([writeServers(context, run, plan.recover.waves, found.placed), telling]);
  const names = waves.length > 1 && hasPrivateNames(plan.traffic);
  return { waves, waveCount: waves.length, points, names, warnings: shown.warnings };
};

export const handler = step("preflight", Input, withinPayload(preflight), {
  table: ["Query"],
  tries: provePreflight,
  // a dry execution goes once through the states of a wave, and a second time where names move between two
  result: ({ plan: { recover, traffic } }) => {
    const names = recover.waves.length > 1 && hasPrivateNames(traffic);
    return { waves: [], waveCount: names ? 2 : 1, points: {}, names, warnings: [] };
  },
});

/** One item per server; those that are there already stay as they are. Whoever finds the waves finds all servers. */
const writeServers = async ({ store }: Context, run: Run, waves: string[][], placed: Placed[]) => {
  const servers = waves.flatMap((names, wave) =>
    placed
      .filter(({ candidate: { resource } }) => names.includes(resource.name))
      .map(({ candidate: { ref }, refused = {} }) => ({ ...newServer(ref, wave), refused })),
  );
  await inParallel(servers, writersMax, async (server) => {
    await store.addServer(run.application, run.name, server);
  });
  const counted = waves.map((resources, wave) => ({
    resources,
    servers: servers.filter((server) => server.wave === wave).length,
  }));
  await store.saveWaves(run.application, run.name, { id: run.id, waves: counted });
  return counted;
};
const writersMax = 25;

/** What the copies of a point ask of the slots: whether the next points can be as young as the plan wants them is worth knowing. */
const loadsOf = (resources: Resource[], usable: LookedAt[]) =>
  resources.map((resource, at) => {
    const { manifests = [], point = null } = usable[at] ?? {};
    const volumes = manifests.reduce((sum, manifest) => sum + manifest.volumes.length, 0);
    return loadOf(resource, volumes, point);
  });
