import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import { homeOf } from "../../functions/core/model/direction.ts";
import type { Controls } from "../../functions/core/model/operator-controls.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import type { World } from "../kernel.ts";
import { itemsFrom } from "../services/dynamodb.ts";

/** What was stored of an application when detect started a run of it, read without a call. */
export type StartState = { at: number; evidence: Evidence | null; controls: Partial<Controls>; row: Partial<Row> };

export const startStateOf = (world: World, { application, regions }: Plan): StartState => {
  const read = <T>(sk: string): T | null => {
    const found = itemsFrom(world, homeOf({ regions }), "lifeboat", application, sk).find((item) => item.sk?.S === sk);
    return found ? (unmarshall(found) as T) : null;
  };
  return {
    at: world.now(),
    evidence: read("evidence"),
    controls: read("controls") ?? {},
    row: read("row") ?? {},
  };
};
