import { describe, expect, it } from "vitest";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aQuestion } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const [first, other] = [aQuestion(), aQuestion({ run: "run-2", execution: "arn:run-2" })];
const reply = { approved: true, by: "ann", at: "2026-03-02T12:05:00.000Z", via: "arn:answer" };
const at = "2026-03-02T12:10:00.000Z";
const lost: Fault[] = [{ from: 0, until: 3_600_000, fault: "lost-response", operation: "UpdateItem", rate: 0.4 }];

/** On the simulated table: conditions as DynamoDB judges them. */
const on = (body: (simulated: Simulated) => Promise<unknown>, faults: Fault[] = []) => simulated({ faults }, body);

describe("the question of an application", () => {
  it("the question of an application is asked, told, answered once, closed, and then takes no answer", () =>
    on(async ({ context: { store } }) => {
      expect(await store.question("shop")).toBeNull();
      expect(await store.saveQuestion("shop", first, "t1", "n1")).toEqual({
        question: first,
        nonce: "n1",
        told: false,
      });
      await store.markTold("shop", "run-1");
      expect(await store.saveQuestion("shop", first, "t2", "n2")).toEqual({ question: first, nonce: "n1", told: true });
      expect(await store.tokensOf("shop", "run-1")).toEqual(["t2", "t1"]);

      expect(await store.answerQuestion("shop", "run-2", reply)).toBe(false);
      expect(await store.answerQuestion("shop", "run-1", reply)).toBe(true);
      expect(await store.answerQuestion("shop", "run-1", { ...reply, approved: false })).toBe(false);
      expect(await store.closeQuestion("shop", "run-1", at)).toEqual({ ...first, answer: reply, closedAt: at });
      expect(await store.closeQuestion("shop", "run-1", "later")).toMatchObject({ closedAt: at });
    }));
  it("the question of an application keeps an answer when it is asked again, and takes none once it is closed without one", () =>
    on(async ({ context: { store } }) => {
      await store.saveQuestion("shop", first, "t1", "n1");
      await store.answerQuestion("shop", "run-1", reply);
      expect((await store.saveQuestion("shop", { ...first, until: at }, "t2", "n1"))?.question).toMatchObject({
        answer: reply,
        until: at,
      });
      await store.saveQuestion("shop", other, "t3", "n3");
      expect(await store.question("shop")).toEqual(other);
      expect(await store.closeQuestion("shop", "run-1", at)).toBeNull();
      await store.closeQuestion("shop", "run-2", at);
      expect(await store.answerQuestion("shop", "run-2", reply)).toBe(false);
    }));
  it("the question of an application has tokens for its own run only, and opens for its nonce only", () =>
    on(async ({ context: { store } }) => {
      expect(await store.questionOf("shop", "n1")).toBeNull();
      expect(await store.tokensOf("shop", "run-1")).toEqual([]);
      await store.saveQuestion("shop", first, "t1", "n1");
      expect(await store.tokensOf("shop", "run-2")).toEqual([]);
      expect(await store.questionOf("shop", "n1")).toEqual(first);
      expect(await store.questionOf("shop", "n2")).toBeNull();
      expect(await store.questionOf("bank", "n1")).toBeNull();
    }));
  it("the question of an application gives up with null while others keep writing", () =>
    on(async ({ context: { store, table } }) => {
      await store.saveQuestion("shop", first, "t1", "n1");
      const { questionItems } = await import("../../../functions/aws/store/approval-items.ts");
      const busy = { ...table, update: async () => false, put: async () => false };
      expect(await questionItems(busy).saveQuestion("shop", first, "t2", "n1")).toBeNull();
      expect(await questionItems(busy).saveQuestion("shop", other, "t2", "n1")).toBeNull();
    }));
  it("the question of an application has one answer however many people give theirs at once, and however often a reply is lost", () =>
    on(async ({ context: { store } }) => {
      await store.saveQuestion("shop", first, "t1", "n1");
      const people = ["ann", "bob", "cy", "dee"];
      const given = await Promise.all(people.map((by) => store.answerQuestion("shop", "run-1", { ...reply, by })));
      expect(given.filter(Boolean).length).toBeLessThanOrEqual(1);
      const { answer } = (await store.closeQuestion("shop", "run-1", at))!;
      expect(people).toContain(answer?.by);
      if (given.includes(true)) expect(people[given.indexOf(true)]).toBe(answer?.by);
    }, lost));
});
