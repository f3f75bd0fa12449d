import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lost, type Server } from "../../../functions/core/model/server.ts";
import { judgeLate, judgeWave, minimumOf } from "../../../functions/core/run/wave.ts";
import { aResource, aServerItem } from "../../support/builders.ts";

const resource = (name: string, minimumPercent: number) =>
  aResource({ name, launch: { ...aResource().launch, minimumPercent } });
const servers = (name: string, count: number, over: Partial<Server> = {}) =>
  Array.from({ length: count }, (_, i) =>
    aServerItem({ resource: name, server: `i-${name}-${i}`, name: `${name}-${i}`, state: "served", ...over }),
  );
const bad = (server: Server) => lost(server, "no instance type and subnet combination worked -> Add types");

describe("a wave", () => {
  const five = servers("web", 5);

  test("a wave with every server goes on", () => {
    expect(judgeWave(five, [resource("web", 100)])).toEqual({
      action: "go-on",
      code: "EnoughServers",
      because: "5 of 5 servers recovered, 5 needed",
      good: 5,
      wanted: 5,
      late: [],
      failed: [],
    });
  });

  test("a wave with its minimum goes on and names who failed, without the hint, and who is late", () => {
    const judged = judgeWave([...five.slice(0, 4), bad(five[4]!)], [resource("web", 80)]);
    expect(judged).toMatchObject({ action: "go-on", good: 4, wanted: 4, late: [] });
    expect(judged.failed).toEqual([
      { server: "web-4", error: "ResourceFailedError", cause: "no instance type and subnet combination worked" },
    ]);

    const late = judgeWave([...five.slice(0, 4), { ...five[4]!, state: "wanted" }], [resource("web", 80)]);
    expect(late).toMatchObject({ action: "go-on", late: ["web-4"], failed: [] });
    expect(late.because).toBe("4 of 5 servers recovered, 4 needed; web-4 continues in parallel");
  });

  test("a wave below the minimum of one resource fails, naming servers and causes, though another has enough", () => {
    const [good, other] = servers("app", 2);
    const judged = judgeWave([...five, good!, bad(other!)], [resource("web", 50), resource("app", 100)]);
    expect(judged).toMatchObject({ action: "fail", code: "TooFewServers" });
    expect(judged.because).toBe(
      "app: 1 recovered, 2 needed (app-1: ResourceFailedError: no instance type and subnet combination worked)",
    );
  });

  test("a wave that fails names the servers that were not ready in time, twenty at most", () => {
    const judged = judgeWave(servers("web", 23, { state: "attached", because: "no answer" }), [resource("web", 100)]);
    expect(judged.because).toContain("web-0: DeadlineExceededError: no answer; web-1: ");
    expect(judged.because).toContain("web-19: DeadlineExceededError: no answer; and 3 more)");
  });

  test("a wave without servers goes on", () => {
    expect(judgeWave([], [])).toMatchObject({ action: "go-on", good: 0, wanted: 0 });
  });

  test("the minimum of a wave rounds up, and never exceeds the servers", () => {
    expect(minimumOf(3, resource("web", 80))).toBe(3);
    expect(minimumOf(5, resource("web", 80))).toBe(4);
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 0, max: 100 }), (count, percent) => {
        const minimum = minimumOf(count, resource("web", percent));
        expect(minimum).toBeLessThanOrEqual(count);
        expect(minimum * 100).toBeGreaterThanOrEqual(count * percent);
      }),
    );
  });
});

test("late servers are reported: those that served after all, and those that were given up", () => {
  const [a, b, c] = servers("web", 3, { late: true });
  const { because, failed } = judgeLate([
    ...servers("app", 2),
    a!,
    bad(b!),
    { ...c!, state: "attached", because: "unhealthy" },
  ]);
  expect(because).toBe(
    "web-0 served after its wave; given up: web-1: no instance type and subnet combination worked; web-2: unhealthy",
  );
  expect(failed.map(({ server }) => server)).toEqual(["web-1", "web-2"]);
});
