import { describe, expect, it } from "vitest";
import {
  type Fate,
  inherit,
  type Launched,
  tellInheritance,
} from "../../../../functions/core/instances/launch/predecessors.ts";
import { aServer } from "../../../support/builders.ts";

const wanted = [aServer(), aServer({ server: "i-0b", name: "web-2", index: 1 })];
const [{ point }] = wanted as [(typeof wanted)[number]];
const left = (over: Partial<Launched> = {}): Launched => ({
  id: "i-left",
  state: "running",
  server: "i-0a",
  point,
  run: "run-0",
  address: "10.0.0.10",
  launchedAt: "2026-03-02T11:00:00.000Z",
  ...over,
});
const judge = (instances: Launched[], fate: Fate = "over") => {
  const { adopt, ...rest } = inherit(wanted, instances, () => fate);
  const ids = (list: Launched[]) => list.map(({ id }) => id);
  const adopted = [...adopt].map(([server, { id }]) => `${server} ${id}`);
  return { adopt: adopted, remove: ids(rest.remove), later: ids(rest.later), keep: ids(rest.keep) };
};
const nothing = { adopt: [], remove: [], later: [], keep: [] };

describe("a live instance of an earlier run", () => {
  it.each<[string, Launched[], Fate, Partial<ReturnType<typeof judge>>]>([
    ["of the pinned point is taken over", [left()], "over", { adopt: ["i-0a i-left"] }],
    ["too when it still starts", [left({ state: "pending" })], "over", { adopt: ["i-0a i-left"] }],
    ["too when its run moved users to it: they are served by it", [left()], "moved", { adopt: ["i-0a i-left"] }],
    ["of another point is removed", [left({ point: "web.old" })], "over", { remove: ["i-left"] }],
    ["without a point is removed", [left({ point: null })], "over", { remove: ["i-left"] }],
    ["of a server that is not recovered now is removed", [left({ server: "i-9" })], "over", { remove: ["i-left"] }],
    ["that stopped is removed", [left({ state: "stopped" })], "over", { remove: ["i-left"] }],
    ["of another point is kept when users wrote to it", [left({ point: "web.old" })], "moved", { keep: ["i-left"] }],
    ["waits while its run may be at work", [left({ point: "web.old" })], "ending", { later: ["i-left"] }],
    ["of a run that nobody knows is kept, whatever it is", [left()], "unknown", { keep: ["i-left"] }],
    [
      "second of its server is removed: the first one launched is taken",
      [left({ id: "i-second", launchedAt: "2026-03-02T11:30:00.000Z" }), left()],
      "over",
      { adopt: ["i-0a i-left"], remove: ["i-second"] },
    ],
  ])("%s", (_, instances, fate, expected) => {
    expect(judge(instances, fate)).toEqual({ ...nothing, ...expected });
  });

  it("a live instance of an earlier run is told before anything is done: what refuses the run, and what it will do", () => {
    const old = left({ id: "i-old", server: "i-0b", point: "web.old" });
    const theirs = left({ id: "i-theirs", server: "i-0b", run: "drill-1" });
    const fate = (run: string): Fate => (run === "drill-1" ? "unknown" : "over");
    expect(tellInheritance(inherit(wanted, [left(), old, theirs], fate), wanted)).toEqual({
      problems: [
        "web-2: i-theirs of run drill-1 lives and may hold what users wrote: stop using it and terminate it first",
      ],
      warnings: [
        "web-1: i-left of run run-0 is taken over",
        "web-2: i-old of run run-0 is removed before its server is launched",
      ],
    });
  });
});
