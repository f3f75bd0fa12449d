import { randomUUID } from "node:crypto";
import type { Table } from "../functions/aws/store/table.ts";
import { ScriptError } from "./arguments.ts";
import { unlessMissing } from "./iam/scopes.ts";

/** Who changes the controller that has this table, and so the roles that all of its applications share. */
export const holdKey = { pk: "#deploying", sk: "controller" };
type Holder = { id: string; application: string; at: string };

/** CloudFormation is done with a controller in minutes; whoever has held it for longer without a word has died. */
const heldSecondsMax = 3_600;

export type Hold = {
  /** Says that it goes on, and takes what it could not before: a table that is new, or was lost in a sleep of hours and is free. */
  renew(): Promise<void>;
  release(): Promise<void>;
};

/**
 * One deployment or removal at a time changes the controllers that have these tables: the roles that one makes name what the
 * others had noted when it read them. Throws ScriptError while another one does. A table that is not there yet is held by nobody,
 * and `renew` takes it once it is. One that died keeps them for an hour.
 */
export const hold = async (tables: Table[], application: string, now = () => new Date()): Promise<Hold> => {
  const id = randomUUID();
  const held = new Set<Table>();
  const take = async (table: Table) => {
    const other = await table.get<Holder>(holdKey);
    const at = now();
    const isFree = !other || other.id === id || Date.parse(other.at) + heldSecondsMax * 1_000 <= at.getTime();
    if (!isFree) throw refusal(other);
    const mine = { id, application, at: at.toISOString() };
    const isTaken = await table.put(holdKey, mine, other ? { equal: ["id", other.id] } : { absent: "pk" });
    // a write whose reply was lost is sent again by the SDK, and finds itself
    const holder = isTaken ? mine : await table.get<Holder>(holdKey);
    if (holder?.id !== id) throw refusal(holder);
    held.add(table);
  };
  const release = async () => {
    for (const table of held)
      await table.put(holdKey, { id: "", application, at: new Date(0).toISOString() }, { equal: ["id", id] });
    held.clear();
  };
  const renew = async () => {
    for (const table of tables) await unlessMissing(() => take(table));
  };
  try {
    await renew();
  } catch (error) {
    await release();
    throw error;
  }
  return { renew, release };
};

/** Works while it holds the tables. An error of the work is the one that is told, whatever becomes of letting go. */
export const whileHeld = async (tables: Table[], application: string, work: (held: Hold) => Promise<void>) => {
  const held = await hold(tables, application);
  try {
    await work(held);
  } catch (error) {
    await held.release().catch(() => {});
    throw error;
  }
  await held.release();
};

const refusal = (other: Holder | null) => {
  const until = other && new Date(Date.parse(other.at) + heldSecondsMax * 1_000).toISOString();
  return new ScriptError(
    other
      ? `${other.application} has been deploying or removing since ${other.at}, which changes the same controllers`
      : "another deployment changes the same controllers",
    `Wait until it has ended, then run the same command again.${until ? ` If it has died, its lock expires at ${until}.` : ""}`,
  );
};
