import { describe, expect, test } from "vitest";
import {
  placementsOf,
  type Subnet,
  settingsOf,
  subnetIdsOf,
} from "../../../../functions/core/instances/launch/placement.ts";
import { aManifest, aResource } from "../../../support/builders.ts";

const subnet = (id: string, letter: string, cidr: string): Subnet => ({
  id,
  zone: `eu-central-1${letter}`,
  cidr,
  freeAddresses: 200,
});
const a = subnet("subnet-a", "a", "10.0.0.0/24");
const b = subnet("subnet-b", "b", "10.0.1.0/24");
const launchWith = (over: Partial<ReturnType<typeof aResource>["launch"]> = {}) => ({ ...aResource().launch, ...over });
const namesOf = (...args: Parameters<typeof placementsOf>) => placementsOf(...args).map(({ name }) => name);

describe("slots of a server", () => {
  test("every type in every subnet, its own zone by position first", () => {
    const launch = launchWith({ address: "auto" });
    expect(namesOf(launch, aManifest(), 0, [a, b])).toEqual([
      "m5.large/subnet-a",
      "m6i.large/subnet-a",
      "m5.large/subnet-b",
      "m6i.large/subnet-b",
    ]);
    expect(namesOf(launch, aManifest(), 1, [a, b])[0]).toBe("m5.large/subnet-b");
    expect(namesOf(launch, aManifest(), 2, [a, b])[0]).toBe("m5.large/subnet-a");
  });

  test("the subnet that keeps the address comes before the own zone", () => {
    const slots = placementsOf(launchWith(), aManifest(), 1, [a, b]);
    expect(slots.map(({ subnet, address }) => `${subnet} ${address}`)).toEqual([
      "subnet-a 10.0.0.10",
      "subnet-a 10.0.0.10",
      "subnet-b 10.0.1.10",
      "subnet-b 10.0.1.10",
    ]);
  });

  test("a subnet that has no place for the host part is left out", () => {
    const small = subnet("subnet-b", "b", "10.0.1.0/28");
    const manifest = aManifest({ privateAddress: "10.0.0.100" });
    expect(new Set(placementsOf(launchWith(), manifest, 1, [a, small]).map((slot) => slot.subnet))).toEqual(
      new Set(["subnet-a"]),
    );
  });

  test("a given address leaves only the subnet that contains it; a server that the map does not name gets any", () => {
    const launch = launchWith({ address: { "web-1": "10.0.1.50" } });
    expect(placementsOf(launch, aManifest(), 0, [a, b]).map((slot) => `${slot.subnet} ${slot.address}`)).toEqual([
      "subnet-b 10.0.1.50",
      "subnet-b 10.0.1.50",
    ]);
    const other = placementsOf(launch, aManifest({ name: "web-2" }), 0, [a, b]);
    expect(other).toHaveLength(4);
    expect(other[0]?.address).toBeNull();
  });

  test("overrides by Name tag replace types, subnet, address and security groups", () => {
    const own = { instanceTypes: ["c7i.large"], subnet: "subnet-c", address: "10.0.2.9", securityGroups: ["sg-9"] };
    const launch = launchWith({ overrides: { "web-1": own } });
    const c = subnet("subnet-c", "c", "10.0.2.0/24");
    expect(placementsOf(launch, aManifest(), 0, [a, b, c])).toEqual([
      {
        name: "c7i.large/subnet-c",
        instanceType: "c7i.large",
        subnet: "subnet-c",
        zone: "eu-central-1c",
        address: "10.0.2.9",
      },
    ]);
    expect(subnetIdsOf(launch)).toEqual(["subnet-a", "subnet-b", "subnet-c"]);
    expect(settingsOf(launch, aManifest()).securityGroups).toEqual(["sg-9"]);
    expect(settingsOf(launch, aManifest({ name: "web-2" })).securityGroups).toEqual(["sg-1"]);
  });

  test("an override may say auto; a type named twice is tried once", () => {
    const launch = launchWith({ instanceTypes: ["same", "m5.large"], overrides: { "web-1": { address: "auto" } } });
    const slots = placementsOf(launch, aManifest(), 0, [a]);
    expect(slots.map(({ name, address }) => [name, address])).toEqual([["m5.large/subnet-a", null]]);
  });

  test("subnets that EC2 does not know, and a plan without any, give none", () => {
    expect(placementsOf(launchWith(), aManifest(), 0, [])).toEqual([]);
    expect(placementsOf(launchWith({ subnets: {} }), aManifest(), 0, [a])).toEqual([]);
  });
});
