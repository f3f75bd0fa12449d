import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { launchingProcesses, openGroups, unsuspended } from "../../../functions/core/fence/auto-scaling-groups.ts";
import { type FenceRecord, newRecords, recordsOf } from "../../../functions/core/fence/undo-log.ts";

const [by, at] = ["run-1", "2026-03-02T12:00:00.000Z"];
const record = (known: FenceRecord[], doing: Partial<Parameters<typeof newRecords>[1]>, who = by) =>
  newRecords(known, { servers: [], groups: [], subnets: [], ...doing }, who, at);
const earlier: FenceRecord = { kind: "server", id: "i-1", stopped: true, by, at: "2026-03-02T11:00:00.000Z" };
const server = (stopped: boolean, who = by): FenceRecord => ({ kind: "server", id: "i-1", stopped, by: who, at });

describe("what a fence writes down of servers", () => {
  it.each([
    ["a server that it does not know", [], false, [server(false)]],
    ["one that it now stops", [server(false)], true, [server(true)]],
    ["one that it stopped before, again: its shutdown begins anew", [earlier], true, [server(true)]],
    ["one that it stopped before, found stopped", [server(true)], false, []],
    ["one that an earlier run stopped, and this one stops again", [server(true, "run-0")], true, [server(true)]],
    ["one that an earlier run stopped, found stopped", [server(true, "run-0")], false, []],
  ])("%s", (_case, known, stopped, fresh) => {
    expect(record(known, { servers: [{ server: "i-1", stopped }] })).toEqual(fresh);
  });
});

describe("what a fence writes down of groups", () => {
  const group = (processes: string[], who = by): FenceRecord => ({ kind: "group", id: "web", processes, by: who, at });

  it("a fence record has only the processes that were not suspended before", () => {
    const suspended = ["AZRebalance"];
    expect(record([], { groups: [{ name: "web", suspended }] })).toEqual([
      group(launchingProcesses.filter((process) => process !== "AZRebalance")),
    ]);
    expect(record([], { groups: [{ name: "web", suspended: launchingProcesses }] })).toEqual([]);
  });

  it("a fence record keeps what the fence suspended, and forgets what someone has resumed", () => {
    const [fresh] = record([group(["Launch"], "run-0")], { groups: [{ name: "web", suspended: ["Launch"] }] });
    expect(fresh).toMatchObject({ by: "run-0", processes: launchingProcesses });
    const [again] = record([group(["Launch"], "run-0")], { groups: [{ name: "web", suspended: [] }] });
    expect(again).toMatchObject({ by, processes: launchingProcesses });
  });

  it("a fence record never has a process that someone else suspended", () => {
    const some = fc.subarray(launchingProcesses);
    fc.assert(
      fc.property(some, fc.boolean(), (theirs, twice) => {
        const first = record([], { groups: [{ name: "web", suspended: theirs }] });
        const ours = recordsOf(first, "group").flatMap(({ processes }) => processes);
        const half = [...theirs, ...ours.slice(0, Math.ceil(ours.length / 2))];
        const second = twice ? record(first, { groups: [{ name: "web", suspended: half }] }) : [];
        const last = recordsOf(second.length > 0 ? second : first, "group").flatMap(({ processes }) => processes);
        expect(last.filter((process) => theirs.includes(process))).toEqual([]);
        expect([...last, ...theirs].sort()).toEqual([...launchingProcesses].sort());
      }),
    );
  });
});

describe("what a fence writes down of subnets", () => {
  const subnet = (acl: string, isOurs = false) => ({ subnet: "subnet-1", vpc: "vpc-1", acl, isOurs });
  const known: FenceRecord = { kind: "subnet", id: "subnet-1", vpc: "vpc-1", formerAcl: "acl-1", by, at };

  it("a fence record has the former ACL of a subnet, and never the fence's own", () => {
    expect(record([], { subnets: [subnet("acl-1")] })).toEqual([known]);
    expect(record([known], { subnets: [subnet("acl-ours", true)] })).toEqual([]);
    expect(record([known], { subnets: [subnet("acl-2")] })).toEqual([{ ...known, formerAcl: "acl-2" }]);
  });
});

describe("groups", () => {
  it("groups are open while one process that launches or replaces is not suspended", () => {
    const web = { name: "web", suspended: launchingProcesses.slice(1) };
    expect(unsuspended(web)).toEqual(["Launch"]);
    expect(openGroups(["web", "gone"], [web])).toEqual(["web"]);
    expect(openGroups(["web"], [{ ...web, suspended: launchingProcesses }])).toEqual([]);
    expect(openGroups(["web"], null)).toEqual(["web"]);
  });
});
