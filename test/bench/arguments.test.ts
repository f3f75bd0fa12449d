import { describe, expect, it } from "vitest";
import { readArguments } from "../../bench/arguments.ts";
import { callFigures, copyFigures, inOrder, measureFigures, table } from "../../bench/figures.ts";

describe("the arguments of the bench", () => {
  it("are a fleet, a regime and all tools", () => {
    const options = readArguments(["--volumes", "1000", "--regime", "B", "--json"]);
    expect(options).toMatchObject({ volumes: [1_000], tools: ["lifeboat", "c7n", "shelvery"], json: true });
    expect(options.regimes.map(({ letter, quota, copySeconds }) => [letter, quota, copySeconds])).toEqual([
      ["B", 20, 2],
    ]);
  });

  it("leave the heap as Node chooses unless they cap it", () => {
    expect(readArguments([]).heapMiB).toBeNull();
    expect(readArguments(["--heap", "88"]).heapMiB).toBe(88);
  });

  it.each([
    ["A..D", "ABCD"],
    ["ABG", "ABG"],
    ["A,H", "AH"],
  ])("take %s for several regimes", (text, letters) => {
    const { regimes } = readArguments(["--regime", text, "--only", "lifeboat", "--volumes", "100,1000"]);
    expect(regimes.map(({ letter }) => letter).join("")).toBe(letters);
  });

  it.each([
    [["--volumes", "10"], "--volumes: expected multiples of 4"],
    [["--regime", "Z"], "--regime: expected letters of ABCDEFGH"],
    [["--only", "skyscrapers"], "--only: expected lifeboat, c7n, shelvery"],
    [["--clock", "fast"], "--clock: expected real or virtual"],
    [["--seed", "x"], "--seed: expected a whole number"],
    [["--heap", "88m"], "--heap: expected whole MiB (got 88m)"],
    [["--speed", "9"], "Unknown option"],
  ])("%j are refused with a sentence", (args, sentence) => {
    expect(() => readArguments(args)).toThrow(sentence);
  });
});

describe("the figures", () => {
  const copies = new Map([
    ["snap-old", "vol-1"],
    ["snap-1", "vol-1"],
    ["snap-2", "vol-2"],
    ["snap-3", "vol-2"],
  ]);

  it("count volumes with a completed copy of this cycle, those without, and copies too many", () => {
    const judged = copyFigures(copies, new Set(["snap-old"]), (id) => id === "snap-1", 4);
    expect(judged).toEqual({ completed: 1, lost: 3, duplicates: 1 });
  });

  it("are per volume", () => {
    const calls = [
      { service: "ec2", operation: "CopySnapshot", region: "eu-central-1", count: 8 },
      { service: "dynamodb", operation: "GetItem", region: "eu-central-1", count: 4 },
    ];
    expect(callFigures(calls, "eu-west-1", 8)).toEqual({ calls: 12, callsPerVolume: 1, cycleCallsPerVolume: 1.5 });
  });

  it("have all fields in their order, also in the table", () => {
    const row = {
      tool: "lifeboat",
      version: "0.1.0",
      volumes: 8,
      regime: "A",
      ...callFigures([], "eu-west-1", 8),
      ...measureFigures(1.26, 99.7, 1, null),
      ...copyFigures(new Map(), new Set(), () => false, 8),
      exit: 0,
    };
    const fields = [
      ...["tool", "version", "volumes", "regime", "calls", "callsPerVolume", "cycleCallsPerVolume", "wallSeconds"],
      ...["rssMiB", "completed", "lost", "duplicates", "maxInFlight", "slotsFullPercent", "exit"],
    ];
    const [names = "", line = ""] = table([row]).split("\n");
    expect(names.split(/\s+/)).toEqual(fields);
    expect(Object.keys(inOrder(row))).toEqual(fields);
    expect(line).toMatch(/^lifeboat +0\.1\.0 +8 +A/);
  });
});
