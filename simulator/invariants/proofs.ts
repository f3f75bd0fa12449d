import type { CallRecord } from "../kernel.ts";
import { isProof } from "../machines/runs.ts";
import type { InvariantCheck } from "./invariant.ts";

/**
 * Invariant 7. No machine drills yet; what comes nearest is the daily dry execution, which proves the rights of a failover and leaves
 * what it found in the controller's own table, bucket and topics.
 */
export const proofInvariants: Record<string, InvariantCheck> = {
  "7 a dry execution changes nothing of production": ({ executions, world }) =>
    executions.filter(isProof).flatMap(({ name, arn }) =>
      world.journal
        .filter(({ execution, mutating, outcome }) => execution === arn && mutating && outcome === "ok")
        .filter((call) => !isOwn(call))
        .map(({ step, service, operation, region }) => `${name}: ${step} did ${service} ${operation} in ${region}`),
    ),
};

const isOwn = ({ service, operation, input, execution }: CallRecord) => {
  if (service === "DynamoDB") return keysOf(input).every((key) => key.startsWith("proof"));
  if (service === "S3") return operation === "PutObject" && String(input.Key).endsWith("/proof.json");
  if (service === "SFN") return operation === "SendTaskSuccess" && String(input.taskToken).startsWith(execution);
  if (service === "CloudWatch")
    return operation === "PutMetricData" && metricsOf(input).every((name) => name === "Proof");
  return service === "SNS" && operation === "Publish";
};

type Keyed = { sk?: { S?: string } };
type Request = { PutRequest?: { Item?: Keyed }; DeleteRequest?: { Key?: Keyed } };
/** Sort keys of everything that a write to the table is about; "" for one that is none of these. */
const keysOf = ({ Item, Key, RequestItems }: CallRecord["input"]): string[] => {
  const requests = Object.values((RequestItems ?? {}) as Record<string, Request[]>).flat();
  const items = requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
  return (requests.length > 0 ? items : [(Item ?? Key) as Keyed | undefined]).map((one) => one?.sk?.S ?? "");
};
const metricsOf = ({ MetricData }: CallRecord["input"]) =>
  ((MetricData ?? []) as { MetricName?: string }[]).map(({ MetricName }) => MetricName);
