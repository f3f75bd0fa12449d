import { expect, it } from "vitest";
import { duration, offset } from "../../terminal/format.ts";

it.each([
  [null, "none"],
  [0, "0s"],
  [0.4, "0s"],
  [59.6, "1m"],
  [372, "6m 12s"],
  [3_600, "1h"],
  [3_661, "1h 1m"],
  [3_601, "1h 1s"],
  [90_000, "1d 1h"],
  [-90, "-1m 30s"],
])("%s seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  [0, "T+00:00:00"],
  [1_499, "T+00:00:01"],
  [192_000, "T+00:03:12"],
  [-60_000, "T-00:01:00"],
  [-400, "T+00:00:00"],
  [90_061_000, "T+25:01:01"],
])("%i ms from time 0 are %s", (ms, text) => {
  expect(offset(5_000 + ms, 5_000)).toBe(text);
});
