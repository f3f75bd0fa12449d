import { describe, expect, it } from "vitest";
import { type Holder, judgeHolders } from "../../functions/core/closing.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const holder = (lease: "run" | "protect", stoppedSecondsAgo: number | null): Holder => ({
  id: `arn:${lease}`,
  name: lease,
  machine: lease === "run" ? "failover" : "replicate",
  acquiredAt: "2026-03-02T11:00:00.000Z",
  lease,
  ending:
    stoppedSecondsAgo === null
      ? null
      : { status: "ABORTED", stoppedAt: new Date(now.getTime() - stoppedSecondsAgo * 1_000), error: null, cause: null },
});

describe("judgeHolders", () => {
  it.each([
    ["nobody holds a lease", [], "idle", 1, undefined],
    ["the run is still on", [holder("run", null)], "idle", 1, undefined],
    ["the run has just ended", [holder("run", 0)], "ending", 91, undefined],
    ["the run ended 90 s ago", [holder("run", 90)], "ending", 1, undefined],
    ["the run ended 91 s ago", [holder("run", 91)], "ended", 1, "run"],
    ["run and pass are dead", [holder("run", 200), holder("protect", 200)], "ended", 1, "run"],
    ["the run is ending, the pass has ended", [holder("run", 10), holder("protect", 200)], "ended", 1, "protect"],
    [
      "the run is on, the pre-empted pass has ended",
      [holder("run", null), holder("protect", 500)],
      "ended",
      1,
      "protect",
    ],
  ] as const)("%s", (_case, holders, finding, waitSeconds, closing) => {
    const found = judgeHolders([...holders], now);
    expect(found).toMatchObject({ finding, waitSeconds });
    expect(found.closing?.name).toBe(closing);
  });
  it("says how the execution ended", () => {
    expect(judgeHolders([holder("run", 100)], now).closing).toEqual({
      id: "arn:run",
      name: "run",
      machine: "failover",
      acquiredAt: "2026-03-02T11:00:00.000Z",
      lease: "run",
      status: "ABORTED",
      error: null,
      cause: null,
    });
  });
});
