import type { Findings } from "../../findings.ts";
import { minimumOf } from "../../run/wave.ts";
import { settingsOf } from "./placement.ts";
import type { Placed } from "./preflight-rules.ts";
import type { InstanceType } from "./type-rules.ts";
import { type VcpuQuota, vcpuQuotaOf } from "./vcpu-quotas.ts";

/** The quotas that the launches of these servers count against, in their first slots, and that others of the plan's types do. */
export const quotasOf = (placed: Placed[], planned: string[] = []): VcpuQuota[] => [
  ...new Set([...placed.map(({ slot }) => slot.instanceType), ...planned].flatMap((type) => vcpuQuotaOf(type) ?? [])),
];

/**
 * Does a quota leave enough vCPUs? Too few for the minimum of every resource is a problem; too few for all servers is a
 * warning, as is what types of another quota could take, and one that is too small for any of the types that the plan would
 * fall back on. `running`: types of the On-Demand instances that run in the Region now; `planned`: all types of the plan.
 */
export const judgeQuota = (
  placed: Placed[],
  {
    name,
    code,
    allowed,
    running,
    types,
    planned = [],
  }: VcpuQuota & { allowed: number; running: string[]; types: InstanceType[]; planned?: string[] },
): Findings => {
  const isOurs = (type: string) => vcpuQuotaOf(type)?.code === code;
  const vcpusOf = (type: string) => types.find((one) => one.name === type)?.vcpus ?? 0;
  const used = sum(running.filter(isOurs).map(vcpusOf));
  const least = [...Map.groupBy(placed, ({ candidate }) => candidate.resource)].map(([resource, servers]) => {
    const bound = servers.filter(({ candidate: { manifest } }) =>
      settingsOf(resource.launch, manifest).instanceTypes.every(isOurs),
    );
    const elsewhere = servers.length - bound.length;
    const needed = Math.max(0, minimumOf(servers.length, resource) - elsewhere);
    return sum(
      smallest(
        bound.map(({ slot }) => vcpusOf(slot.instanceType)),
        needed,
      ),
    );
  });
  const most = sum(
    placed
      .map(({ slot }) => slot.instanceType)
      .filter(isOurs)
      .map(vcpusOf),
  );
  const left = allowed - used;
  const sentence = (needed: number) =>
    `vCPU quota of ${name} instances: ${needed} needed, ${Math.max(left, 0)} left of ${allowed}`;
  const smaller = planned.filter((type) => isOurs(type) && vcpusOf(type) > 0).map(vcpusOf);
  if (most === 0 && smaller.length > 0 && left < Math.min(...smaller))
    return { problems: [], warnings: [`${sentence(Math.min(...smaller))}: the plan cannot fall back on them`] };
  if (left < sum(least)) return { problems: [sentence(sum(least))], warnings: [] };
  return { problems: [], warnings: left < most ? [`${sentence(most)}: not every server will start`] : [] };
};

/** Functions at once that a failover should never have to share with others. New accounts may have 10. [LA:gettingstarted-limits] */
export const concurrencyMin = 100;

/** Too few Lambda functions at once: any other function of the account could keep ours from starting. */
export const judgeConcurrency = (region: string, allowed: number): Findings => ({
  problems: [],
  warnings:
    allowed < concurrencyMin
      ? [
          `only ${allowed} Lambda functions at once may run in ${region}, and other functions share them: ask for ${concurrencyMin} or more (quota L-B99A9384)`,
        ]
      : [],
});

export const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

export const smallest = (values: number[], count: number) => [...values].sort((a, b) => a - b).slice(0, count);
