import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerRunName, incidentRunName, lookName, scheduleToken, wakeRunName } from "../../functions/core/names.ts";

const applications = Array.from({ length: 64 }, (_, index) => "a".repeat(index + 1));
const times = ["2026-03-02T12:14:00.000Z", "2026-03-02T12:15:00.000Z", "2026-03-03T12:14:00.000Z"];
const answer = { run: "run", approved: true, by: "ann" };

/** Every name or token that an application and a time make, and how long AWS lets it be. */
const made: [string, number, (application: string, at: string) => string][] = [
  [
    "the run of an incident",
    80,
    (application, at) => incidentRunName(application, at.replace(/[-:]/g, "").slice(0, 13)),
  ],
  ["a pass that an event starts", 80, (application, at) => wakeRunName(application, new Date(at))],
  ["an answer", 80, (application, at) => answerRunName(application, answer, new Date(at))],
  ["a look", 64, (application, at) => lookName(application, at).name],
  [
    "the token of a look",
    64,
    (application, at) => scheduleToken(lookName(application, at).group, lookName(application, at).name, at),
  ],
];

describe("names and tokens", () => {
  it.each(made)(
    "%s is its own for applications of 1 to 64 letters and each of its times",
    (_what, lengthMax, nameOf) => {
      const names = applications.flatMap((application) => times.map((at) => nameOf(application, at)));
      expect(new Set(names).size).toBe(applications.length * times.length);
      for (const name of names) expect(name).toMatch(new RegExp(`^[A-Za-z0-9_-]{1,${lengthMax}}$`));
    },
  );
  it("two applications that differ only where a name is cut keep two groups of schedules", () => {
    const group = (application: string) => lookName(application, times[0]!).group;
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/),
        fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/),
        (one, other) => {
          expect(group(one) === group(other)).toBe(one === other);
          expect(group(one).length).toBeLessThanOrEqual(64);
        },
      ),
    );
  });
  it("a name that fits stays as it is", () => {
    expect(incidentRunName("web-shop", "20260302T1200Z")).toBe("failover-web-shop-20260302T1200Z");
    expect(lookName("web-shop", times[0]!)).toEqual({
      group: "lifeboat-web-shop",
      name: "look-web-shop-2026-03-02T1214",
    });
  });
});
