import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeWave, minimumOf } from "../../functions/core/wave.ts";
import { aResource, aServer } from "../support/builders.ts";

const resource = (name: string, minimumPercent: number) =>
  aResource({ name, launch: { ...aResource().launch, minimumPercent } });
const servers = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => aServer({ resource: name, server: `i-${name}-${i}`, name: `${name}-${i}` }));
const ok = (server: ReturnType<typeof aServer>) => ({ ok: true, resource: server.resource, server: server.server });
const bad = (server: ReturnType<typeof aServer>) => ({
  ...ok(server),
  ok: false,
  error: "ResourceFailedError",
  cause: JSON.stringify({ errorType: "ResourceFailedError", errorMessage: "no slot suits -> Add types" }),
});

describe("a wave", () => {
  const five = servers("web", 5);

  test("with every server goes on", () => {
    expect(judgeWave(five, five.map(ok), [resource("web", 100)])).toEqual({
      action: "go-on",
      code: "EnoughServers",
      because: "5 of 5 servers recovered, 5 needed",
      good: 5,
      wanted: 5,
      failed: [],
    });
  });

  test("with its minimum goes on and names who failed", () => {
    const results = [...five.slice(0, 4).map(ok), bad(five[4]!)];
    const judged = judgeWave(five, results, [resource("web", 80)]);
    expect(judged).toMatchObject({ action: "go-on", good: 4, wanted: 4 });
    expect(judged.failed).toEqual([{ server: "web-4", error: "ResourceFailedError", cause: "no slot suits" }]);
  });

  test("below the minimum of one resource fails, naming servers and causes, though another has enough", () => {
    const app = servers("app", 2);
    const results = [...five.map(ok), ok(app[0]!), bad(app[1]!)];
    const judged = judgeWave([...five, ...app], results, [resource("web", 50), resource("app", 100)]);
    expect(judged).toMatchObject({ action: "fail", code: "TooFewServers" });
    expect(judged.because).toBe("app: 1 recovered, 2 needed (app-1: ResourceFailedError: no slot suits)");
  });

  test("a server without a result has failed; a cause that is no JSON is told as it is", () => {
    const results = [{ ...bad(five[0]!), cause: "Lambda went away" }];
    expect(judgeWave(five.slice(0, 2), results, [resource("web", 1)]).failed).toEqual([
      { server: "web-0", error: "ResourceFailedError", cause: "Lambda went away" },
      { server: "web-1", error: "NoResult", cause: "it gave no result" },
    ]);
  });

  test("without servers goes on", () => {
    expect(judgeWave([], [], [])).toMatchObject({ action: "go-on", good: 0, wanted: 0 });
  });

  test("the minimum rounds up, and never exceeds the servers", () => {
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
