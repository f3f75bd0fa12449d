import type { InstanceState } from "../../../aws/ec2/instances.ts";
import { reactionTo } from "../../../core/instances/launch/launch-request.ts";
import { limits } from "../../../core/limits.ts";
import { type Attempt, attempt } from "../../../runtime/attempt.ts";
import type { Context } from "../../../runtime/context.ts";

/** What came of it. `problems`: server -> why it did not do as it was told; `lasting`: asking again is of no use. */
export type Asked = {
  asked: boolean;
  answered: boolean;
  replies: InstanceState[];
  problems: Map<string, { code: string; lasting: boolean }>;
};

/**
 * Asks the source to stop or to start servers: all by one request, made again up to `tries` times while nobody answers;
 * when EC2 refuses the whole for the sake of one, by halves, until it is found: a later pass goes on where this one ended.
 */
export const askServers = async (
  context: Context,
  what: string,
  ids: string[],
  request: (ids: string[]) => Promise<InstanceState[]>,
  tries: 1 | 2,
): Promise<Asked> => {
  if (ids.length === 0) return { asked: false, answered: false, replies: [], problems: new Map() };
  const ask = async (some: string[]) => ({ ids: some, ...(await attempt(context, what, request(some))) });
  const first = await ask(ids);
  const all = first.answered || tries === 1 ? first : await ask(ids);
  let left: number = limits.mutatingCallsPerPass;
  const split = async (whole: typeof all): Promise<(typeof all)[]> => {
    if (whole.ids.length === 1 || !isForOne(whole) || left < 2) return [whole];
    left -= 2;
    const middle = Math.ceil(whole.ids.length / 2);
    const halves = await Promise.all([whole.ids.slice(0, middle), whole.ids.slice(middle)].map(ask));
    return (await Promise.all(halves.map(split))).flat();
  };
  const each = await split(all);
  const problems = each.flatMap(({ ids: asked, code, refused }) =>
    code === null ? [] : asked.map((id) => [id, { code, lasting: refused && asked.length === 1 }] as const),
  );
  return {
    asked: true,
    answered: all.answered,
    replies: each.flatMap(({ value }) => value ?? []),
    problems: new Map(problems),
  };
};

/** Whether one server may have been the reason; a lack of capacity is a passing fault, but that of one type in one zone. */
const isForOne = ({ refused, code }: Attempt<unknown>) =>
  refused || (code !== null && ["capacity", "quota", "verification"].includes(reactionTo(code)));
