import { expect, it } from "vitest";
import { ec2Of } from "../../../../simulator/ec2/state.ts";
import { hourly, isWholeIn, none, playRotation, pointsOf, recovery } from "../../../support/rotation-scene.ts";
import { simulated } from "../../../support/simulated.ts";

const plan = hourly({ keep: { ...none, hourly: 1 } });

it("a rotation looks at the newest point before older ones go for it, and keeps the last good one", () =>
  simulated({ plan }, async (live) => {
    await live.context.store.savePlan(plan);
    const [good, newest] = await pointsOf(live, 2);
    const { snapshots } = ec2Of(live.world, recovery);
    for (const { id, tags } of [...snapshots.values()])
      if (tags.some(({ Value }) => Value === newest!.id)) snapshots.delete(id);

    await playRotation(live, plan);

    expect((await live.context.store.points("shop", "web")).map(({ id }) => id)).toEqual([good!.id, newest!.id]);
    expect(isWholeIn(live.world, recovery, good!)).toBe(true);
  }));
