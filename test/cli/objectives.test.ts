import { expect, test } from "vitest";
import { missedObjectives } from "../../cli/objectives.ts";
import type { Result } from "../../simulator/story/result.ts";

const objectives = { rtoSeconds: 900, rpoSeconds: 3_600 };
const met = { objectives, rtoSeconds: 800, rtoFromFaultSeconds: 860, rpoSeconds: 3_600, lossSeconds: 60 };
const both = { moves: true, protects: true };

test.each<[string, Partial<Result>, { moves: boolean; protects: boolean }, string[]]>([
  ["nothing", {}, both, []],
  ["the rto, from the fault", { rtoFromFaultSeconds: 901 }, both, ["rto 15m 1s, objective 15m"]],
  ["the rto of users who are not served again", unserved(), both, ["rto: users have no service, objective 15m"]],
  ["nothing, as no failover may start", unserved(), { ...both, moves: false }, []],
  ["the rpo", { rpoSeconds: 3_601 }, both, ["rpo 1h 1s, objective 1h"]],
  ["the rpo without a point", { rpoSeconds: null }, both, ["rpo: no complete recovery point, objective 1h"]],
  ["nothing, as there are no servers to protect", { rpoSeconds: null }, { ...both, protects: false }, []],
  ["what was lost", { lossSeconds: 7_200 }, both, ["loss 2h, objective 1h"]],
])("a rehearsal missed %s", (_, over, what, missed) => {
  expect(missedObjectives({ ...met, ...over } as Result, what)).toEqual(missed);
});

function unserved(): Partial<Result> {
  return { rtoSeconds: null, outageSeconds: 60, servedBy: null };
}
