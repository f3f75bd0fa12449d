import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../../functions/core/plan/compile.ts";
import { aDocument, aRoutedTraffic, control, type Edit } from "../../../support/plan-document.ts";

const trafficOf = (edit: Edit) => compilePlan(aDocument(edit)).plan?.traffic;

describe("compiled traffic", () => {
  it("compiled traffic has the cluster and the controls of its records", () => {
    const given = aRoutedTraffic();
    const traffic = trafficOf((d) => {
      d.traffic = given;
    });
    expect(traffic).toMatchObject({ switch: "routing-control", cluster: given.cluster });
    expect(traffic?.records[0]?.routingControls).toEqual({ primary: control("a"), recovery: control("b") });
  });

  it("compiled traffic has the steps and the gate of weights, in percent and seconds", () => {
    const traffic = trafficOf((d) => {
      Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
      Object.assign(d.traffic.records[0], { policy: "weighted", steps: [10, 50, 100], gate: "2m", private: true });
    });
    expect(traffic).toMatchObject({
      cluster: null,
      records: [{ policy: "weighted", steps: [10, 50, 100], gateSeconds: 120, private: true, routingControls: null }],
    });
  });

  it("moves weights at once, unwatched, when the plan says no more", () => {
    const traffic = trafficOf((d) => {
      Object.assign(d.traffic, { switch: "records", acceptControlPlane: true });
      d.traffic.records[0].policy = "weighted";
    });
    expect(traffic?.records).toMatchObject([{ steps: [100], gateSeconds: 0, private: false }]);
  });
});
