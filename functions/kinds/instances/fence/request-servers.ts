import type { InstanceState } from "../../../aws/ec2/instances.ts";
import type { StopReply } from "../../../core/fence/outcome.ts";
import { reactionTo } from "../../../core/instances/launch/launch-request.ts";
import { limits } from "../../../core/limits.ts";
import { type Attempt, attempt } from "../../../runtime/attempt.ts";
import type { Context } from "../../../runtime/context.ts";

/**
 * Stops or starts servers of the source: all by one request, made again up to `tries` times while it is not answered; when
 * EC2 refuses the whole because of one, by halves, until it is found: a later pass goes on where this one ended.
 */
export const requestServers = async (
  context: Context,
  what: string,
  ids: string[],
  request: (ids: string[]) => Promise<InstanceState[]>,
  tries: 1 | 2,
): Promise<StopReply> => {
  if (ids.length === 0) return { answered: false, replies: [], problems: new Map() };
  const send = async (some: string[]) => ({ ids: some, ...(await attempt(context, what, request(some))) });
  const first = await send(ids);
  const all = first.answered || tries === 1 ? first : await send(ids);
  let left: number = limits.mutatingCallsPerPass;
  const split = async (whole: typeof all): Promise<(typeof all)[]> => {
    if (whole.ids.length === 1 || !isForOne(whole) || left < 2) return [whole];
    left -= 2;
    const middle = Math.ceil(whole.ids.length / 2);
    const halves = await Promise.all([whole.ids.slice(0, middle), whole.ids.slice(middle)].map(send));
    return (await Promise.all(halves.map(split))).flat();
  };
  const each = await split(all);
  const problems = each.flatMap(({ ids: sent, code, refused }) =>
    code === null ? [] : sent.map((id) => [id, { code, lasting: refused && sent.length === 1 }] as const),
  );
  return { answered: all.answered, replies: each.flatMap(({ value }) => value ?? []), problems: new Map(problems) };
};

/** Whether one server may have been the reason; a lack of capacity is a passing fault, but that of one type in one zone. */
const isForOne = ({ refused, code }: Attempt<unknown>) =>
  refused || (code !== null && ["capacity", "quota", "verification"].includes(reactionTo(code)));
