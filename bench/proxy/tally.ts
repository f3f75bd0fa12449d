import type { ApiCall } from "./read-call.ts";

/** Counts calls by service, operation and Region, while counting is on. */
export const createTally = () => {
  const counts = new Map<string, number>();
  let isOn = false;
  return {
    on: () => {
      isOn = true;
    },
    off: () => {
      isOn = false;
    },
    add({ service, operation, region }: ApiCall) {
      if (!isOn) return;
      const key = `${service} ${operation} ${region}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    reset: () => counts.clear(),
    calls: (): Calls =>
      [...counts].map(([key, count]) => {
        const [service = "", operation = "", region = ""] = key.split(" ");
        return { service, operation, region, count };
      }),
  };
};
export type Calls = { service: string; operation: string; region: string; count: number }[];

/** What no copy needs: images, and the pruning of the sources. */
const beside = /^(RegisterImage|DeregisterImage|DescribeImages|CreateImage|CopyImage)$/;

/** Calls of create, copy and prune of the copy, with the listings for them: EC2, and who asks whom it is (STS). */
export const copyCalls = (calls: Calls, source: string): number =>
  sum(
    calls.filter(
      ({ service, operation, region }) =>
        ["ec2", "sts"].includes(service) &&
        !beside.test(operation) &&
        !(operation === "DeleteSnapshot" && region === source),
    ),
  );

export const sum = (calls: Calls) => calls.reduce((total, { count }) => total + count, 0);
