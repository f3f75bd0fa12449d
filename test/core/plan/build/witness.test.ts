import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../../functions/core/plan/compile.ts";
import { aDocument } from "../../../support/plan-document.ts";

const id = "11111111-2222-3333-4444-555555555555";
const compiled = (...witnesses: object[]) => {
  const { plan } = compilePlan(
    aDocument((d) => {
      d.detect.witnesses.push(...witnesses);
    }),
  );
  return plan?.detect.witnesses.slice(3);
};

describe("a compiled witness", () => {
  it("a compiled witness of a health check knows its TXT pair and the zone of it", () => {
    expect(compiled({ name: "r53", healthCheck: id }, { name: "two", healthCheck: id.replace("1", "2") })).toEqual([
      {
        name: "r53",
        kind: "healthCheck",
        healthCheck: id,
        text: "_lifeboat-web-shop.shop.example.com",
        zone: "Z0123456789ABCDEFGHIJ",
      },
      expect.objectContaining({ text: "_lifeboat-web-shop-two.shop.example.com" }),
    ]);
  });

  it("a compiled witness of a silence counts in seconds", () => {
    expect(compiled({ name: "quiet", silence: "eu-west-1", after: "3m" })).toEqual([
      { name: "quiet", kind: "silence", region: "eu-west-1", afterSeconds: 180 },
    ]);
  });

  it("a compiled witness of AWS Health lists its services", () => {
    expect(compiled({ name: "health", awsHealth: ["EC2", "EBS"], region: "eu-west-1" })).toEqual([
      { name: "health", kind: "awsHealth", services: ["EC2", "EBS"], region: "eu-west-1" },
    ]);
  });

  it("a compiled witness of a probe has every key, one status as a list of one", () => {
    const url = "https://direct.example.com/";
    expect(
      compiled(
        { name: "a", probe: { url, expect: 200, contains: "ok", from: "us-east-1", side: "recovery" } },
        { name: "b", probe: { url, expect: [200, 204] } },
        { name: "c", probe: { url: "tcp://192.0.2.10:5432", connect: "192.0.2.11" } },
      ),
    ).toEqual([
      {
        name: "a",
        kind: "probe",
        url,
        connect: null,
        side: "recovery",
        expect: [200],
        contains: "ok",
        from: "us-east-1",
      },
      {
        name: "b",
        kind: "probe",
        url: `${url}`,
        connect: null,
        side: "primary",
        expect: [200, 204],
        contains: null,
        from: null,
      },
      {
        name: "c",
        kind: "probe",
        url: "tcp://192.0.2.10:5432",
        connect: "192.0.2.11",
        side: "primary",
        expect: [],
        contains: null,
        from: null,
      },
    ]);
  });
});
