import { expect, test } from "vitest";
import { ec2Of, kept } from "../../simulator/ec2/state.ts";
import { itemsFrom } from "../../simulator/services/dynamodb.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { playFleetJob } from "./fleet.ts";
import { holdsSecret } from "./fleet-secrets.ts";

const job = { kind: "fleet", size: "small", seed: 1, days: 2 } as const;
const recovery = "eu-central-1";
const hours = 3_600;

const stored = ({ world }: Environment, prefix: string) => itemsFrom(world, recovery, "lifeboat", "fleet", prefix);
const sorted = (environment: Environment, state: string) =>
  stored(environment, "point#")
    .filter((item) => item.state?.S === state)
    .map((item) => item.id?.S ?? "")
    .sort();
/** Plays calm days in which one thing is done at an hour of them. */
const played = (hour: number, change: (environment: Environment) => void) =>
  playFleetJob(job, { calm: true, more: [{ at: hour * hours, change }] });

test("calm days break no invariant, nor do days with the faults and changes of a seed", async () => {
  expect(await playFleetJob(job, { calm: true })).toEqual([]);
  expect(await playFleetJob({ ...job, seed: 2, days: 3 })).toEqual([]);
});

test("a copy of the newest complete point that goes is told at once", async () => {
  const wrong = await played(15, (environment) => {
    const newest = sorted(environment, "complete")
      .filter((id) => id.startsWith("web."))
      .at(-1);
    const [manifest] = stored(environment, `manifest#${newest}#`);
    ec2Of(environment.world, recovery).snapshots.delete(manifest?.volumes?.L?.[0]?.M?.snapshot?.S ?? "");
  });
  expect(wrong.join()).toMatch(/a copy of web\.20260105T1200\d\dZ, the newest complete point/);
});

test("a point that is called complete before its copies are is told", async () => {
  const wrong = await played(12.02, (environment) => {
    for (const item of stored(environment, "point#data.20260105T12"))
      Object.assign(item, { state: { S: "complete" }, pointAt: { S: "2026-01-05T12:00:30.000Z" } });
  });
  expect(wrong.join()).toMatch(/data\.20260105T1200\d\dZ is called complete: data-1 \/dev\/xvda has no completed copy/);
});

test("a complete point that is given up though the plan keeps it is told by the next rotation", async () => {
  const wrong = await played(27, (environment) => {
    for (const item of stored(environment, "point#web."))
      if (item.state?.S === "complete") Object.assign(item, { state: { S: "discarded" } });
  });
  expect(wrong.join()).toMatch(/kept nothing too much, web\.\S+ web\.\S+ too little/);
});

test("a source Region that is dark for longer than the plan allows is told as an RPO that was missed", async () => {
  const wrong = await played(8, ({ world }) => {
    const from = world.now();
    const until = from + 12 * hours * 1_000;
    (world.faults.list as unknown[]).push({ fault: "region-down", region: "eu-west-1", from, until });
  });
  expect(wrong.join()).toMatch(/web: web\.20260105T0000\d\dZ was the newest for \d+ minutes beyond the RPO/);
});

test("a snapshot that belongs to no point is told at the end", async () => {
  const wrong = await played(20, ({ world }) => {
    const { snapshots } = ec2Of(world, recovery);
    const like = [...snapshots.values()][0]!;
    const tags = like.tags.map(({ Key, Value }) => ({ Key, Value: Key === "lifeboat:point" ? "web.none" : Value }));
    const stray = { ...like, ...kept(world, recovery, "snap", tags as typeof like.tags), copyOf: null };
    snapshots.set(stray.id, stray);
  });
  expect(wrong.join()).toMatch(/snap-[0-9a-f]+ belongs to no point/);
});

test("user data in a log is told, as text and in base64 at any place", async () => {
  const secret = "xcanary-web-1";
  for (const shift of [0, 1, 2])
    expect(holdsSecret(Buffer.from("x".repeat(shift) + secret).toString("base64"))).toBe(true);
  expect(holdsSecret("Y2FuY29tZQ== a canal")).toBe(false);
  const wrong = await played(7, ({ logs }) => logs.push(`info ${secret}`));
  expect(wrong).toContain("user data stands in the log");
});
