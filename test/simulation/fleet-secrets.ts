import type { CallRecord } from "../../simulator/kernel.ts";
import type { Execution } from "../../simulator/machines/executions.ts";
import { itemsOf } from "../../simulator/services/dynamodb.ts";
import { objectKeys, objectText } from "../../simulator/services/s3.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { secretMark } from "./fleet-plan.ts";

/** User data is base64 in what EC2 gives: the mark as it stands there, at each of the three places that it can begin at. */
const marks = [secretMark, ...[0, 1, 2].map((shift) => encoded(secretMark, shift))];

/** The characters of base64 that a text alone decides, when `shift` bytes stand before it. */
function encoded(text: string, shift: number) {
  const whole = Buffer.from(" ".repeat(shift) + text)
    .toString("base64")
    .replace(/=+$/, "");
  return whole.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + text.length) * 8) / 6));
}

const secret = new RegExp(marks.map((mark) => mark.replace(/[+/]/g, "\\$&")).join("|"));
const shortest = Math.min(...marks.map(({ length }) => length));

/** Whether any text in a value, however deep, holds user data. */
export const holdsSecret = (value: unknown): boolean => {
  if (typeof value === "string") return value.length >= shortest && secret.test(value);
  if (typeof value !== "object" || value === null) return false;
  for (const key in value) if (holdsSecret((value as Record<string, unknown>)[key])) return true;
  return false;
};

const ownTable = "lifeboat-user-data";
const isOwnTable = ({ TableName, RequestItems }: Record<string, unknown>) =>
  Object.keys(RequestItems ?? { [`${TableName}`]: 0 }).every((name) => name === ownTable);

/** Where user data came to light in a story: it may stand in its own table, and nowhere else that a person looks at. */
export const createSecretInvariants = () => {
  const found = new Set<string>();
  const look = (where: string, what: unknown) => {
    if (holdsSecret(what)) found.add(where);
  };
  return {
    invoked: (state: string, result: unknown) => look(`the result of ${state}`, result),
    called(calls: CallRecord[]) {
      for (const { service, operation, step, mutating, input } of calls)
        if (mutating && !(service === "DynamoDB" && isOwnTable(input)))
          look(`${service} ${operation} of ${step}`, input);
    },
    ended: ({ machine, output, cause }: Execution) => look(`the end of ${machine}`, [output, cause]),
    over({ world, plan, logs, metrics }: Environment): string[] {
      const { recovery } = plan.regions;
      for (const line of logs) look("the log", line);
      look("the metrics", metrics);
      for (const item of itemsOf(world, recovery))
        if (!item.sk?.S?.startsWith("user-data#")) look(`the item ${item.sk?.S}`, item);
      for (const name of objectKeys(world, recovery)) {
        const [bucket = "", ...key] = name.split("/");
        look(`the object ${name}`, objectText(world, recovery, bucket, key.join("/")) ?? "");
      }
      return [...found].map((where) => `user data stands in ${where}`);
    },
  };
};
