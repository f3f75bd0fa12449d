import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { massMessage } from "../../../functions/core/approval/mass-message.ts";
import {
  currentIntents,
  type FailoverIntent,
  intentToSave,
  isAnnounced,
  massFailoverOf,
} from "../../../functions/core/detect/mass-failover.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const regions = ["eu-west-1", "us-east-1", "us-west-2", "eu-north-1", "ap-south-1", "sa-east-1", "eu-west-3"];
const wish = (nth: number, over: Partial<FailoverIntent> = {}): FailoverIntent => ({
  application: `app-${nth}`,
  priority: 5,
  primary: regions[nth]!,
  regional: true,
  at: ago(60),
  ...over,
});
const many = (count: number, over: Partial<FailoverIntent> = {}) =>
  Array.from({ length: count }, (_, nth) => wish(nth, over));

describe("stormOf", () => {
  const own = wish(6, { at: ago(0) });
  it.each([
    ["no others", [], null],
    ["four others", many(4), null],
    ["five others", many(5), 6],
    ["five others and a wish of its own before", [...many(5), wish(6, { at: ago(300) })], 6],
    ["four others twice", [...many(4), ...many(4, { at: ago(30) })], null],
    ["five others, one of them ten minutes ago", [...many(4), wish(4, { at: ago(600) })], 6],
    ["five others, one of them longer ago", [...many(4), wish(4, { at: ago(601) })], null],
  ])("with %s", (_case, entries, count) => {
    expect(massFailoverOf(entries, own, now)?.applications.length ?? null).toBe(count);
  });
  it("stormOf is off when the regional witnesses of another plan say the same of the Region", () => {
    expect(massFailoverOf([...many(5), wish(5, { primary: own.primary })], own, now)).toBeNull();
    expect(massFailoverOf([...many(5), wish(5, { primary: own.primary, regional: false })], own, now)).not.toBeNull();
    expect(massFailoverOf(many(5, { primary: "eu-west-1" }), own, now)).not.toBeNull();
    expect(
      massFailoverOf([...many(5), wish(5, { primary: own.primary })], { ...own, regional: false }, now),
    ).not.toBeNull();
  });
  it("stormOf says who wants to move", () => {
    expect(massFailoverOf(many(5), own, now)?.because).toBe(
      "6 applications want to move within 600 s (app-0, app-1, app-2, app-3, app-4, app-6), more than 5; no other plan's regional witness is red about eu-west-3",
    );
  });
});

describe("wishesNow", () => {
  it("wishesNow puts the most important first, and each once, with its newest wish", () => {
    const list = [
      wish(1, { priority: 9 }),
      wish(2, { priority: 1 }),
      wish(0),
      wish(0, { at: ago(30) }),
      wish(0, { at: ago(90) }),
    ];
    expect(currentIntents(list, now).map(({ application, at }) => [application, at])).toEqual([
      ["app-2", ago(60)],
      ["app-0", ago(30)],
      ["app-1", ago(60)],
    ]);
  });
  it("wishesNow is in the same order whatever the order of the list", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          many(7).map((one, nth) => ({ ...one, priority: nth % 3 })),
          { minLength: 7 },
        ),
        (list) => {
          expect(currentIntents(list, now)).toEqual(currentIntents([...list].reverse(), now));
        },
      ),
    );
  });
});

describe("wishToSave", () => {
  const own = wish(0, { at: ago(0) });
  it.each([
    ["the first time", [], own],
    ["not while the one that is known is young", [wish(0, { at: ago(299) })], null],
    ["again when it gets old", [wish(0, { at: ago(300) })], own],
    ["again when a regional witness has joined", [wish(0, { regional: false })], own],
    ["again when its plan has changed", [wish(0, { priority: 1 })], own],
    ["whatever others wish", [wish(1)], own],
  ])("%s", (_case, entries, expected) => {
    expect(intentToSave(entries, own, now)).toEqual(expected);
  });
});

it("detect notifies of a mass failover once, and of the next one again", () => {
  const told = (seconds: number) => ({ at: ago(seconds), applications: many(6).map(({ application }) => application) });
  expect(isAnnounced(null, many(6), "app-1")).toBe(false);
  expect(isAnnounced(told(30), many(6), "app-1")).toBe(true);
  expect(isAnnounced(told(300), [...many(5), wish(5, { at: ago(310) })], "app-1")).toBe(true);
  expect(isAnnounced(told(300), many(6), "app-1")).toBe(false);
});
it("detect notifies of a mass failover again for an application that the message did not name", () => {
  const told = { at: ago(30), applications: ["app-0", "app-1"] };
  expect(isAnnounced(told, many(7), "app-1")).toBe(true);
  expect(isAnnounced(told, many(7), "app-6")).toBe(false);
});

it("the message asks about all applications at once, the most important first", () => {
  const machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover:live";
  const list = currentIntents([wish(0), wish(1, { priority: 1 })], now);
  const { subject, text } = massMessage("They said so.", list, { region: "eu-central-1", machine });
  expect(subject).toBe("Lifeboat: 2 applications need approval to fail over");
  expect(text.split("\n")).toEqual([
    "They said so.",
    "Approve or reject each one; the most important application comes first:",
    "",
    "1. app-1 (priority 1), from us-east-1",
    "   Approve:  lifeboat approve app-1 --region eu-central-1",
    "   Reject:   lifeboat withhold app-1 --region eu-central-1",
    "2. app-0 (priority 5), from eu-west-1",
    "   Approve:  lifeboat approve app-0 --region eu-central-1",
    "   Reject:   lifeboat withhold app-0 --region eu-central-1",
    "",
    "Console:  to approve one, start lifeboat-failover (alias live) in eu-central-1 with the input",
    '          { "application": "<name>", "approve": true }',
    "          https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/statemachines/view/arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover",
    "",
  ]);
});
