import type { Watch } from "../functions/aws/calls/clients.ts";

/** What the command waits for just now, the oldest first. */
const waits = new Set<{ what: string }>();

/** Waits for `work`; until then it is what a person is told who hears nothing. */
export const waitingFor = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const wait = { what };
  waits.add(wait);
  try {
    return await work();
  } finally {
    waits.delete(wait);
  }
};

/** Waits for a person: nobody is told that. */
export const waitingForAnswer = <T>(work: () => Promise<T>): Promise<T> => waitingFor("", work);

/** "" while a person is asked, null when nothing is waited for. */
export const oldestWait = (): string | null => {
  const whats = [...waits].map(({ what }) => what);
  return whats.includes("") ? "" : (whats[0] ?? null);
};

/** Notes every call to AWS while it has no answer. */
export const watchCalls: Watch = ({ service, operation, region }, next) =>
  waitingFor(`${service} ${operation} in ${region}`, next);
