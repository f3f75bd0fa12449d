import { setTimeout as builtinTimeout } from "node:timers";
import { setTimeout as promised } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { inVirtualTime } from "../../simulator/clock.ts";

const start = new Date("2026-03-02T12:00:00.000Z");
const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
const real = { setTimeout, Date, random: Math.random };

const play = <T>(body: () => Promise<T>, random = () => 0.25) => inVirtualTime({ start, random }, body);

describe("virtual time", () => {
  it("passes as fast as it is asked to: a day takes no time", async () => {
    const began = performance.now();
    const at = await play(async () => {
      await wait(86_400);
      return [new Date().toISOString(), Date.now() - start.getTime(), performance.now()];
    });
    expect(at).toEqual(["2026-03-03T12:00:00.000Z", 86_400_000, 86_400_000]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("virtual time goes from timer to timer, in their order", async () => {
    const order = await play(async () => {
      const order: string[] = [];
      const note = (name: string) => () => order.push(`${name} ${(Date.now() - start.getTime()) / 1_000}`);
      setTimeout(note("late"), 30_000);
      setTimeout(note("early"), 10_000);
      const every = setInterval(note("every"), 12_000);
      clearTimeout(setTimeout(note("never"), 1_000));
      await wait(40);
      clearInterval(every);
      return order;
    });
    expect(order).toEqual(["early 10", "every 12", "every 24", "late 30", "every 36"]);
  });

  it("holds for what imports its timers from node:timers, as middy does", async () => {
    const seconds = await play(async () => {
      await new Promise<void>((resolve) => builtinTimeout(resolve, 60_000));
      await promised(60_000);
      return (Date.now() - start.getTime()) / 1_000;
    });
    expect(seconds).toBe(120);
  });

  it("draws what Math.random gives from the story's own chance", async () => {
    const drawn = await play(async () => [Math.random(), Math.random()]);
    expect(drawn).toEqual([0.25, 0.25]);
  });

  it("virtual time is over when its body is, whatever is still scheduled", async () => {
    const late = vi.fn();
    const answer = await play(async () => {
      setTimeout(late, 1_000);
      return "done";
    });
    expect(answer).toBe("done");
    expect(late).not.toHaveBeenCalled();
  });

  it.each([
    ["ends well", () => play(() => wait(5))],
    ["throws", () => play(async () => Promise.reject(new Error("broken"))).catch(() => undefined)],
  ])("virtual time gives everything back when the body %s", async (_, played) => {
    await played();
    expect({ setTimeout, Date, random: Math.random }).toEqual(real);
    expect(Math.abs(Date.now() - new real.Date().getTime())).toBeLessThan(1_000);
  });

  it("passes the body's error on", async () => {
    const broken = play(async () => {
      await wait(5);
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
  });

  it("virtual time says so when nothing is scheduled and nothing ends", async () => {
    await expect(play(() => new Promise(() => {}))).rejects.toThrow("virtual time hangs");
  });
});

describe("a pace", () => {
  it("a pace is asked before each jump with the time that it leads to, and slows it down", async () => {
    const asked: number[] = [];
    const pace = (now: number) => {
      asked.push((now - start.getTime()) / 1_000);
      return 20;
    };
    const began = performance.now();
    await inVirtualTime({ start, random: () => 0.5, pace }, async () => {
      await Promise.all([wait(10), wait(10), wait(25)]);
    });
    expect(asked).toEqual([10, 25]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(38);
  });
});
