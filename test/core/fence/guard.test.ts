import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeGuard } from "../../../functions/core/fence/guard.ts";
import type { Phase, Row } from "../../../functions/core/model/row.ts";
import { aRow } from "../../support/builders.ts";

const own = "eu-west-1";

describe("judgeGuard", () => {
  it.each([
    [{ phase: "failedOver", active: "eu-central-1" }, "isolate", "ActiveElsewhere"],
    [{ phase: "failedOver", active: own }, "nothing", "ActiveHere"],
    [{ phase: "protected", active: "eu-central-1" }, "nothing", "NotFailedOver"],
    [{ phase: "running", active: "eu-central-1" }, "nothing", "NotFailedOver"],
  ] as const)("a row of %j: %s, %s", (row, action, code) => {
    expect(judgeGuard(aRow(row), own)).toMatchObject({ action, code });
  });

  it("judgeGuard takes no row, and one that lacks what it must say, for no leave", () => {
    expect(judgeGuard(null, own).action).toBe("nothing");
    expect(judgeGuard({ application: "shop", phase: "failedOver" } as Row, own).code).toBe("Unclear");
  });

  it("judgeGuard isolates in no other case than after a failover to elsewhere, whatever else the row says", () => {
    const phases: Phase[] = ["protected", "running", "failedOver", "reprotecting"];
    const region = fc.constantFrom(own, "eu-central-1");
    fc.assert(
      fc.property(
        fc.constantFrom(...phases),
        region,
        fc.nat(),
        fc.constantFrom(0, 1),
        (phase, active, generation, on) => {
          const { action } = judgeGuard(aRow({ phase, active, generation, switch: on as 0 | 1 }), own);
          expect(action === "isolate").toBe(phase === "failedOver" && active !== own);
        },
      ),
    );
  });
});
