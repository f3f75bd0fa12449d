import { describe, expect, it } from "vitest";
import { judgeWave } from "../../functions/judge-wave.ts";
import { aPlan, aResource, aRow, aRun, aServer } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const servers = [aServer(), aServer({ server: "i-0b", name: "web-2", index: 1 })];
const aScene = (minimumPercent: number) =>
  withTable(aContext(), {
    plan: aPlan({ protect: [aResource({ launch: { ...aResource().launch, minimumPercent } })] }),
    row: aRow(),
  });
const results = [
  { ok: true, resource: "web", server: "i-0a" },
  {
    ok: false,
    resource: "web",
    server: "i-0b",
    error: "ResourceFailedError",
    cause: '{"errorType":"ResourceFailedError","errorMessage":"no slot suits"}',
  },
];
const input = { run: aRun(), wave: { index: 1, servers, results } };

describe("judge wave", () => {
  it("goes on with enough servers and counts the next wave", async () => {
    const context = await aScene(50);
    const failed = [{ server: "web-2", error: "ResourceFailedError", cause: "no slot suits" }];
    expect(await judgeWave(input, context)).toEqual({ next: 2, good: 1, wanted: 1, failed });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "JudgeWave", subject: "wave 1", outcome: "EnoughServers", detail: { failed } },
    ]);
  });

  it("fails below the minimum, naming the server and its cause", async () => {
    const context = await aScene(100);
    await expect(judgeWave(input, context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web: 1 recovered, 2 needed (web-2: ResourceFailedError: no slot suits)",
      hint: "Mend what the causes name and start the failover again; launched servers keep running.",
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([{ outcome: "TooFewServers" }]);
  });

  it("goes on past a wave without servers", async () => {
    const empty = { run: aRun(), wave: { index: 0, servers: [], results: [] } };
    expect(await judgeWave(empty, await aScene(100))).toEqual({ next: 1, good: 0, wanted: 0, failed: [] });
  });
});
