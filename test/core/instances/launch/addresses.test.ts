import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUsable, sameHostPart } from "../../../../functions/core/instances/launch/addresses.ts";

describe("the same host part", () => {
  test.each([
    ["10.0.0.10", "10.0.0.0/24", "10.0.0.0/24", "10.0.0.10"],
    ["10.0.0.10", "10.0.0.0/24", "172.16.5.0/24", "172.16.5.10"],
    ["10.0.1.77", "10.0.0.0/22", "192.168.4.0/22", "192.168.5.77"],
    ["10.0.0.10", "10.0.0.0/24", "10.9.8.0/28", "10.9.8.10"],
    ["10.0.0.200", "10.0.0.0/24", "10.9.8.0/28", null],
    ["10.0.0.15", "10.0.0.0/24", "10.9.8.0/28", null],
    ["10.0.0.130", "10.0.0.128/25", "10.1.0.0/24", null],
    ["10.1.0.10", "10.0.0.0/24", "10.9.8.0/24", null],
    ["9.255.255.250", "10.0.0.0/24", "10.9.8.0/24", null],
    ["223.255.255.250", "223.255.255.0/24", "10.9.8.0/24", "10.9.8.250"],
  ])("the same host part of %s in %s is in %s: %s", (address, from, to, expected) => {
    expect(sameHostPart(address, from, to)).toBe(expected);
  });

  test("in a mirrored network every usable address stays as it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 28 }), fc.integer({ min: 4 }), (bits, host) => {
        const size = 2 ** (32 - bits);
        const within = 4 + (host % (size - 5));
        const address = `10.20.${Math.floor(within / 256)}.${within % 256}`;
        expect(sameHostPart(address, `10.20.0.0/${bits}`, `10.20.0.0/${bits}`)).toBe(address);
      }),
    );
  });
});

describe("an address of a subnet", () => {
  test.each([
    ["10.0.0.0", false],
    ["10.0.0.3", false],
    ["10.0.0.4", true],
    ["10.0.0.254", true],
    ["10.0.0.255", false],
    ["10.0.1.4", false],
    ["9.255.255.255", false],
  ])("%s in 10.0.0.0/24 may be given: %s", (address, expected) => {
    expect(isUsable(address, "10.0.0.0/24")).toBe(expected);
  });
});
