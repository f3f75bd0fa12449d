import type { InstanceStateName } from "@aws-sdk/client-ec2";
import { aPlan, aRow, aRun, aServerItem } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

export const run = aRun();
export const lease = { value: { generation: 1 } };
export const input = { run, lease };
/** As the machine gives it to a later pass. */
export const inputSince = (since: string) => ({ ...input, fence: { value: { polls: 9, since } } });
export const late = inputSince("2026-03-02T11:55:00.000Z");

export const held = aRow({
  phase: "running",
  run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
});
/** What Fence needs of the table, for a plan with this policy. */
export const aFenceScene = async (policy: "required" | "best-effort" = "best-effort") => {
  const plan = aPlan({ recover: { ...aPlan().recover, fence: policy } });
  const context = await withTable(aContext(), { plan, row: held });
  for (const server of ["i-1", "i-2"])
    await context.store.addServer("shop", run.name, aServerItem({ server, point: "p", name: server }));
  return context;
};

/** Servers as DescribeInstances shows them. */
export const showing = (states: Record<string, InstanceStateName>) => ({
  Reservations: [{ Instances: Object.entries(states).map(([id, Name]) => ({ InstanceId: id, State: { Name } })) }],
});
export const stopping = (...ids: string[]) => ({
  StoppingInstances: ids.map((InstanceId) => ({ InstanceId, CurrentState: { Name: "stopping" as const } })),
});
export const silence = Object.assign(new Error("no answer within 3 s"), { name: "TimeoutError" });
export const refusal = Object.assign(new Error("not allowed"), { name: "OperationNotPermitted" });
