import { AwsError } from "../kernel.ts";

type Waiting = { succeed(output: unknown): void; fail(error: Error): void };

/** Tasks of one Region that wait for their token: `.waitForTaskToken` of Step Functions. [SFN:connect-to-resource] */
export const createTaskTokens = () => {
  const waiting = new Map<string, Waiting>();
  const issued = new Map<string, number>();

  /** What waits for a token; TaskTimedOut once it no longer waits, TaskDoesNotExist for one that was never given. */
  const find = (token = "") => {
    const found = waiting.get(token);
    if (found) return found;
    const [execution = "", number = ""] = token.split(mark);
    if (!/^\d+$/.test(number)) throw new AwsError("InvalidToken", `Invalid Token: '${token}'`);
    if (Number(number) > (issued.get(execution) ?? 0))
      throw new AwsError("TaskDoesNotExist", "Task does not exist or is no longer available");
    throw new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  };
  const settle = (token: string | undefined, end: (task: Waiting) => void) => {
    const task = find(token);
    waiting.delete(token!);
    end(task);
  };

  return {
    /** A token for the task that an execution enters now: each time another one. */
    issue(execution: string) {
      const number = (issued.get(execution) ?? 0) + 1;
      issued.set(execution, number);
      return `${execution}${mark}${number}`;
    },
    /** Waits for the output that comes with the token, or throws the failure that does. */
    wait: (token: string) => new Promise<unknown>((succeed, fail) => waiting.set(token, { succeed, fail })),
    close: (token: string) => waiting.delete(token),
    /** An execution that has ended waits for nothing any more. */
    forget(execution: string) {
      for (const token of waiting.keys()) if (token.startsWith(execution + mark)) waiting.delete(token);
    },
    succeed: (token: string | undefined, output: unknown) => settle(token, (task) => task.succeed(output)),
    fail: (token: string | undefined, name: string, cause: string) =>
      settle(token, (task) => task.fail(Object.assign(new Error(cause), { name }))),
  };
};
export type TaskTokens = ReturnType<typeof createTaskTokens>;

const mark = "#task-";
