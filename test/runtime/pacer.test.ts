import { expect, it } from "vitest";
import { fullBucket } from "../../functions/core/run/pace.ts";
import { pacer } from "../../functions/runtime/pacer.ts";
import { at } from "../support/wave-scene.ts";

it("takes no token that would come after the invocation has to end: a Lambda that waits for it runs into its timeout", async () => {
  const pace = pacer({ ...fullBucket(at(0)), tokens: 1, perSecond: 0.25 }, () => at(0), at(3));
  expect(await pace.turn()).toBe(true);
  expect(await pace.turn()).toBe(false);
  expect(pace.pace().tokens).toBe(0);
});

it("is slowed by a throttle, and by no other error", () => {
  const pace = pacer(fullBucket(at(0)), () => at(0), at(35));
  pace.noteReply("InsufficientInstanceCapacity");
  expect(pace.pace().perSecond).toBe(2);
  pace.noteReply("RequestLimitExceeded");
  expect(pace.pace().perSecond).toBe(1);
  pace.noteReply(null);
  expect(pace.pace().perSecond).toBe(1.1);
});
