import { createHash } from "node:crypto";
import { deployIt } from "../../core/command-line.ts";
import { PlanInvalidError } from "../../core/errors.ts";
import type { Demand } from "../../core/instances/copy/copy-slots.ts";
import { endedKey, type QueueChunk, queueKey } from "../../core/instances/copy/queue.ts";
import { homeOf, protectedOf } from "../../core/model/direction.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Manifest, Point } from "../../core/model/recovery-point.ts";
import type { Row } from "../../core/model/row.ts";
import type { LedgerStep } from "../../core/report/facts.ts";
import type { UnreportedRun } from "../../core/run/abandoned-run.ts";
import { watchItems } from "./detect-items.ts";
import { serverItems } from "./server-store.ts";
import type { Table } from "./table.ts";
import { fenceRecordItems } from "./undo-log-items.ts";

/** A step of the ledger, and the run that it belongs to. */
export type LedgerEntry = LedgerStep & { run: string };

export const applicationsKey = { pk: "#applications", sk: "list" };
const listTriesMax = 5;

/** Adds a name to the one list of applications; another writer in between means to read it again. */
const enlist = async (table: Table, application: string) => {
  for (let tries = 0; tries < listTriesMax; tries++) {
    const list = await table.get<{ names: string[]; count: number }>(applicationsKey);
    if (list?.names.includes(application)) return;
    const names = [...(list?.names ?? []), application].sort();
    const unchanged = list ? { equal: ["count", list.count] as [string, unknown] } : { absent: "pk" };
    if (await table.put(applicationsKey, { names, count: names.length }, unchanged)) return;
  }
};

/** A key is of one Region: copies in the Region of the table have the short name, those of the way back have their own. */
const pinKey = ({ region }: Table, resource: string, target: string) =>
  target === region ? `key#${resource}` : `key#${resource}#${target}`;

/** Typed access to the items of one table. Everything of an application has its name as partition key. */
export const createStore = (table: Table, secrets: Table = table, plans = new Map<string, Plan>()) => ({
  ...watchItems(table),
  ...fenceRecordItems(table),
  ...serverItems(table),

  async row(application: string): Promise<Row | null> {
    const row = await table.get<Partial<Row>>({ pk: application, sk: "row" });
    return row && ({ run: null, protect: null, lastRun: null, ...row } as Row);
  },

  /** Stores a checked plan under the hash of its text, makes it the current one, and creates the row when there is none. */
  async savePlan(plan: Plan): Promise<string> {
    const version = createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 16);
    const { application } = plan;
    await table.put({ pk: application, sk: `plan#${version}` }, { plan });
    await table.put({ pk: application, sk: "plan" }, { version });
    const fresh = {
      application,
      active: protectedOf(plan),
      home: homeOf(plan),
      generation: 0,
      phase: "protected",
      switch: 0,
    };
    await table.put({ pk: application, sk: "row" }, fresh, { absent: "pk" });
    await enlist(table, application);
    return version;
  },

  /** Names of the applications whose plans are stored in this Region, sorted. */
  async applications(): Promise<string[]> {
    const list = await table.get<{ names: string[] }>(applicationsKey);
    return list?.names ?? [];
  },

  /** Null when the application is unknown here. */
  async currentPlanVersion(application: string): Promise<string | null> {
    const pointer = await table.get<{ version: string }>({ pk: application, sk: "plan" });
    return pointer?.version ?? null;
  },

  /** A version is the hash of its plan: once read, it holds for the life of the container. */
  async plan(application: string, version: string): Promise<Plan> {
    const sk = `plan#${version}`;
    const known = plans.get(`${application} ${sk}`);
    if (known) return known;
    const stored = await table.get<{ plan: Plan }>({ pk: application, sk });
    if (stored) {
      plans.set(`${application} ${sk}`, stored.plan);
      return stored.plan;
    }
    throw new PlanInvalidError(
      `plan ${version} of ${application} is not stored in this Region`,
      `Deploy the plan: ${deployIt}.`,
    );
  },

  /** Every recovery point of a resource that is known, oldest first. */
  points: (application: string, resource: string) => table.query<Point>(application, `point#${resource}.`),
  point: (application: string, id: string) => table.get<Point>({ pk: application, sk: `point#${id}` }),
  savePoint: (point: Point) => table.put({ pk: point.application, sk: `point#${point.id}` }, point),
  /** Notes something of a point, unless its state is another one by now, or it is gone: false then. */
  markPoint: ({ application, id, state }: Point, set: Partial<Point>) =>
    table.update({ pk: application, sk: `point#${id}` }, { set }, { equal: ["state", state] }),

  manifest: (application: string, point: string, server: string) =>
    table.get<Manifest>({ pk: application, sk: `manifest#${point}#${server}` }),
  manifests: (application: string, point: string) => table.query<Manifest>(application, `manifest#${point}#`),
  /** Those of at most 100 servers, in their order; one that is not there is left out. */
  someManifests: async (application: string, point: string, servers: string[]) => {
    const keys = servers.map((server) => manifestKey({ application, point, server }));
    return ((await table.getMany(keys)) as (Manifest | null)[]).filter((found) => found !== null);
  },
  /** The first `limit` manifests of a point after `server` (null = from the first), by instance id. */
  manifestsAfter: async (application: string, point: string, server: string | null, limit: number) => {
    const after = server === null ? undefined : `manifest#${point}#${server}`;
    return (await table.page<Manifest>(application, `manifest#${point}#`, limit, after)).items;
  },
  saveManifest: (manifest: Manifest) =>
    table.put(manifestKey(manifest), manifest as unknown as Record<string, unknown>),
  saveManifests: (manifests: Manifest[]) =>
    table.write(
      manifests.map((item) => ({ key: manifestKey(item), item: item as unknown as Record<string, unknown> })),
    ),

  /** Forgets a point whose snapshots are all deleted. */
  async removePoint({ application, id }: Pick<Point, "application" | "id">): Promise<void> {
    const [manifests, chunks] = await Promise.all([
      table.query<Manifest>(application, `manifest#${id}#`),
      table.query<QueueChunk>(application, `queued#${id}#`),
    ]);
    const ended = chunks.map((chunk) => ({ pk: application, sk: endedKey(chunk) }));
    await table.write([], [...manifests.map(manifestKey), ...ended, { pk: application, sk: `point#${id}` }]);
  },

  /** Chunks of the copy queue, earliest deadline first; `after` goes on from an earlier page. */
  queue: (application: string, limit: number, after?: string) =>
    table.page<QueueChunk>(application, "queue#", limit, after),
  /** Saves chunks of the queue; one whose entries have all ended leaves it, and is nowhere missing in between. */
  async saveQueue(chunks: QueueChunk[]): Promise<void> {
    const isEnded = ({ entries }: QueueChunk) => entries.every(({ ended }) => ended);
    await table.write(
      chunks.map((chunk) => ({
        key: { pk: chunk.application, sk: isEnded(chunk) ? endedKey(chunk) : queueKey(chunk) },
        item: chunk as unknown as Record<string, unknown>,
      })),
    );
    const gone = chunks.filter(isEnded).map((chunk) => ({ pk: chunk.application, sk: queueKey(chunk) }));
    await table.write([], gone);
  },
  /** Chunks of a point that have left the queue. */
  endedQueue: (application: string, point: string) => table.query<QueueChunk>(application, `queued#${point}#`),
  /** Takes everything of a point out of the queue: it is settled. */
  async dropQueue({ application, id, deadline }: Pick<Point, "application" | "id" | "deadline">): Promise<void> {
    const [waiting, ended] = await Promise.all([
      deadline ? table.query<QueueChunk>(application, `queue#${deadline}#${id}#`) : [],
      table.query<QueueChunk>(application, `queued#${id}#`),
    ]);
    const keys = [...waiting.map(queueKey), ...ended.map(endedKey)];
    await table.write(
      [],
      keys.map((sk) => ({ pk: application, sk })),
    );
  },

  /** Key that the copies of a resource in a Region are encrypted under: pinned with the first one, changed by `rekey` only. */
  pin: (application: string, resource: string, target: string) =>
    table.get<KeyPin>({ pk: application, sk: pinKey(table, resource, target) }),
  savePin: (application: string, resource: string, target: string, pin: KeyPin) =>
    table.put({ pk: application, sk: pinKey(table, resource, target) }, pin),

  /** What each application wants of the copy slots that all of this Region share; stale ones included. */
  demands: () => table.query<Demand>("#copies", ""),
  saveDemand: (demand: Demand) => table.put({ pk: "#copies", sk: demand.application }, demand),

  /** The pause that a pass is in, so that an event can end it early. */
  pause: (application: string) => table.get<Pause>({ pk: application, sk: "pause" }),
  savePause: (application: string, pause: Pause) => table.put({ pk: application, sk: "pause" }, pause),

  /** User data of a server, base64 as EC2 gives it. A secret: it has a table, a key and roles of its own. */
  async userData(application: string, key: string): Promise<string | null> {
    const stored = await secrets.get<{ text: string }>({ pk: application, sk: `user-data#${key}` });
    return stored?.text ?? null;
  },
  /** Texts by key. */
  saveUserData: (application: string, texts: Map<string, string>) =>
    secrets.write(
      [...texts].map(([key, text]) => ({ key: { pk: application, sk: `user-data#${key}` }, item: { text } })),
    ),

  /** Runs that ended and that people have not heard of yet, by name. */
  untoldRuns: (application: string) => table.query<UnreportedRun>(application, "untold#"),
  untoldRun: (application: string, name: string) => table.get<UnreportedRun>({ pk: application, sk: `untold#${name}` }),
  saveUntoldRun: (application: string, run: UnreportedRun) =>
    table.put({ pk: application, sk: `untold#${run.name}` }, run),
  forgetUntoldRun: (application: string, name: string) => table.write([], [{ pk: application, sk: `untold#${name}` }]),

  evidence: <T>(application: string) => table.get<T>({ pk: application, sk: "evidence" }),
  saveEvidence: (application: string, evidence: Record<string, unknown>) =>
    table.put({ pk: application, sk: "evidence" }, evidence),

  /** The same state and subject of the same run overwrite: a step that ran twice is told once. */
  record: (application: string, entry: LedgerEntry) =>
    table.put({ pk: application, sk: `ledger#${entry.run}#${entry.state}#${entry.subject}` }, entry),
  recordAll: (application: string, entries: LedgerEntry[]) =>
    table.write(
      entries.map((entry) => ({
        key: { pk: application, sk: `ledger#${entry.run}#${entry.state}#${entry.subject}` },
        item: entry,
      })),
    ),
  /** Writes an entry unless somebody has since `before` (null = there was none): false then. */
  claimRecord: (application: string, entry: LedgerEntry, before: LedgerStep | null): Promise<boolean> =>
    table.put(
      { pk: application, sk: `ledger#${entry.run}#${entry.state}#${entry.subject}` },
      entry,
      before
        ? { all: [{ equal: ["startedAt", before.startedAt] }, { equal: ["outcome", before.outcome] }] }
        : { absent: "pk" },
    ),
  ledger: (application: string, run: string) => table.query<LedgerEntry>(application, `ledger#${run}#`),
  /** One step of the whole run; null when it was not told. */
  ledgerStep: (application: string, run: string, state: string) =>
    table.get<LedgerEntry>({ pk: application, sk: `ledger#${run}#${state}#` }),
});

export type Store = ReturnType<typeof createStore>;

/** ARN of the key, what the plan called it then, and since when (ISO 8601). */
export type KeyPin = { arn: string; key: string; pinnedAt: string };
/** `token` resumes the execution; `awaited`: ids of the copies it waits for; `sources`: also for source snapshots. */
export type Pause = { token: string; execution: string; at: string; awaited: string[]; sources: boolean };

const manifestKey = ({ application, point, server }: Pick<Manifest, "application" | "point" | "server">) => ({
  pk: application,
  sk: `manifest#${point}#${server}`,
});
