import { describe, expect, it } from "vitest";
import type { Traffic } from "../../../functions/core/model/plan.ts";
import {
  deviatingStates,
  expectedStates,
  inRotation,
  isEndpointFault,
  judgeStates,
} from "../../../functions/core/traffic/routing-control.ts";
import { aPlan } from "../../support/builders.ts";

const [record] = aPlan().traffic!.records;
const controls = { primary: "arn:panel/control/p", recovery: "arn:panel/control/r" };
const traffic: Traffic = {
  ...aPlan().traffic!,
  switch: "routing-control",
  records: [
    { ...record!, routingControls: controls },
    { ...record!, type: "AAAA", routingControls: controls },
    { ...record!, name: "api.example.com", routingControls: { primary: "arn:a", recovery: "arn:b" } },
  ],
};

it("the endpoints are asked in rotation from any start, each once", () => {
  expect(inRotation(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
  expect(inRotation(["a", "b", "c"], -1)).toEqual(["b", "c", "a"]);
  expect(inRotation([], 7)).toEqual([]);
});

it("another endpoint may answer where one is away or throttles, not where one refuses", () => {
  const codes = [
    "EndpointTemporarilyUnavailableException",
    "ThrottlingException",
    "ConflictException",
    "AccessDeniedException",
  ];
  expect(codes.map(isEndpointFault)).toEqual([true, true, false, false]);
});

describe("the states of a side", () => {
  const wanted = expectedStates(traffic, "recovery");
  it("are every control of the plan, once: one of a pair On, the other Off", () => {
    expect(wanted).toEqual([
      { control: "arn:a", state: "Off" },
      { control: "arn:b", state: "On" },
      { control: "arn:panel/control/p", state: "Off" },
      { control: "arn:panel/control/r", state: "On" },
    ]);
  });

  it("are compared one by one; one that nobody told of is unlike", () => {
    expect(deviatingStates(wanted, wanted)).toEqual([]);
    expect(deviatingStates(wanted, [{ control: "arn:a", state: "On" }, ...wanted.slice(2)])).toEqual(
      wanted.slice(0, 2),
    );
  });

  it("are a warning before a run when the cluster says otherwise, and a problem where a record has none", () => {
    expect(judgeStates(traffic, "primary", expectedStates(traffic, "primary"))).toEqual({ problems: [], warnings: [] });
    const bare = { ...traffic, records: [{ ...record!, routingControls: null }, traffic.records[0]!] };
    expect(judgeStates(bare, "primary", wanted)).toEqual({
      problems: ["shop.example.com A: it has no routing controls, so nothing would move it"],
      warnings: [
        "routing control p is not On, though the primary side serves",
        "routing control r is not Off, though the primary side serves",
      ],
    });
  });
});
