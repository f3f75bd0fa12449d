import { codeOf } from "../../../aws/calls/errors.ts";
import { protectionsOf } from "../../../aws/ec2/protections.ts";
import type { Run } from "../../../core/model/run.ts";
import type { ServerSettings } from "../../../core/model/server-settings.ts";
import type { Context } from "../../../runtime/context.ts";

type Protections = ServerSettings["protections"];

/** Three calls a server, beside those of user data, from one token bucket of a hundred. [EC2dev:ec2-api-throttling] */
const serversPerPass = 8;
/** They change at any time and are seldom changed. */
const freshSeconds = 86_400;

/**
 * The protections of these servers as they were known, and read anew for a few: those that are not known first, then
 * those that were read longest ago. What cannot be read stays as it was: that is a warning and does not prevent a point.
 */
export const readProtections = async (
  { clients, log, now }: Context,
  run: Run,
  known: Map<string, Protections>,
): Promise<Map<string, Protections>> => {
  const found = new Map(known);
  const readAt = (id: string) => Date.parse(known.get(id)?.at ?? "1970-01-01");
  const due = [...known.keys()]
    .filter((id) => now().getTime() - readAt(id) >= freshSeconds * 1_000)
    .sort((a, b) => readAt(a) - readAt(b))
    .slice(0, serversPerPass);
  await Promise.all(
    due.map(async (id) => {
      try {
        const { stop, termination, endsItself } = await protectionsOf(clients, run.source, id);
        found.set(id, {
          at: now().toISOString(),
          ...(stop && { stop }),
          ...(termination && { termination }),
          ...(endsItself && { endsItself }),
        });
      } catch (error) {
        log.warn("protections not read", { server: id, code: codeOf(error), because: (error as Error).message });
      }
    }),
  );
  return found;
};
