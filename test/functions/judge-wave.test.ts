import { describe, expect, it } from "vitest";
import { lost } from "../../functions/core/model/server.ts";
import { judgeWave } from "../../functions/judge-wave.ts";
import { aPlan, aResource, aServerItem } from "../support/builders.ts";
import { passInput, serversIn, waveScene } from "../support/wave-scene.ts";

const good = aServerItem({ state: "served" });
const second = aServerItem({ server: "i-0b", name: "web-2", index: 1 });
const planOf = (minimumPercent: number) =>
  aPlan({ protect: [aResource({ launch: { ...aResource().launch, minimumPercent } })] });

describe("judge wave", () => {
  it("JudgeWave goes on with enough servers and counts the next wave", async () => {
    const context = await waveScene({
      plan: planOf(50),
      servers: [good, lost(second, "no instance type and subnet combination worked")],
    });
    const failed = [
      { server: "web-2", error: "ResourceFailedError", cause: "no instance type and subnet combination worked" },
    ];
    expect(await judgeWave(passInput(), context)).toEqual({ next: 1, late: 0, good: 1, wanted: 1 });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "JudgeWave", subject: "wave 0", outcome: "EnoughServers", detail: { failed } },
    ]);
  });

  it("JudgeWave fails below the minimum, naming the server and its cause", async () => {
    const context = await waveScene({
      plan: planOf(100),
      servers: [good, lost(second, "no instance type and subnet combination worked")],
    });
    await expect(judgeWave(passInput(), context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message:
        "web: 1 recovered, 2 needed (web-2: ResourceFailedError: no instance type and subnet combination worked)",
      hint: "Fix these causes and start the failover again; launched servers keep running.",
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([{ outcome: "TooFewServers" }]);
  });

  it("JudgeWave marks servers that are late, and reports after the last wave what became of them", async () => {
    const context = await waveScene({ plan: planOf(50), servers: [good, { ...second, state: "attached" }] });
    expect(await judgeWave(passInput(), context)).toMatchObject({ next: 1, late: 1 });
    const [, late] = await serversIn(context);
    expect(late).toMatchObject({ server: "i-0b", late: true, state: "attached" });

    await context.store.saveServer("shop", "run-1", lost(late!, "never answered"));
    expect(await judgeWave(passInput({}, 1), context)).toEqual({ next: 1, late: 0, good: 0, wanted: 0 });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { subject: "late servers", outcome: "Partial", detail: { because: "given up: web-2: never answered" } },
      { subject: "wave 0", detail: { late: ["web-2"] } },
    ]);
  });

  it("JudgeWave goes on past a wave without servers, and stops at a lease that has moved on", async () => {
    const context = await waveScene({ plan: planOf(100), servers: [] });
    expect(await judgeWave(passInput(), context)).toEqual({ next: 1, late: 0, good: 0, wanted: 0 });
    const stale = { ...passInput(), lease: { value: { generation: 2 } } };
    await expect(judgeWave(stale, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
  });
});
