import * as sdk from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { type InstanceFacts, manifestOf } from "../../../../functions/core/instances/capture/describe-server.ts";
import { judgePlanned } from "../../../../functions/core/instances/launch/judge-settings.ts";
import { launchRequest, tagsOf } from "../../../../functions/core/instances/launch/launch-request.ts";
import { judgeManifest } from "../../../../functions/core/instances/launch/preflight-rules.ts";
import type { Launch } from "../../../../functions/core/model/plan.ts";
import { aResource, aRun, aServer } from "../../../support/builders.ts";
import { nic, rows, type Source } from "../../../support/launch-members.ts";

/** Members of a structure of the SDK, at any depth: [kind, namespace, name, traits, names, types]. */
type Schema = [number, string, string, unknown, ...unknown[]];
const leavesOf = (given: unknown, path: string[] = []): string[] => {
  let schema = given;
  while (typeof schema === "function" || (Array.isArray(schema) && typeof schema[0] === "function"))
    schema = typeof schema === "function" ? schema() : schema[0];
  const [kind, , , , names, types] = (Array.isArray(schema) ? schema : []) as unknown as Schema;
  if (kind === 1) return leavesOf(names, path);
  if (kind !== 3) return [path.join(".")];
  return (names as string[]).flatMap((name, at) => leavesOf((types as unknown[])[at], [...path, name]));
};

const play = ({ instance = {}, volumes = [], found = {}, ipv6 }: Source, launch: Partial<Launch> = {}) => {
  const source = {
    InstanceId: "i-0a",
    InstanceType: "m5.large",
    Architecture: "x86_64",
    RootDeviceName: "/dev/xvda",
    SubnetId: "subnet-s",
    PrivateIpAddress: "10.0.0.10",
    NetworkInterfaces: [nic],
    Placement: { AvailabilityZone: "eu-west-1a" },
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeId: "vol-0", DeleteOnTermination: true } }],
    ...instance,
  };
  const disks = [{ VolumeId: "vol-0", Size: 8, VolumeType: "gp3", ...volumes[0] }];
  const resource = aResource({ launch: { ...aResource().launch, instanceTypes: ["same"], ...launch } });
  const given = {
    instance: source,
    volumes: disks,
    cidr: "10.0.0.0/24",
    instanceStoreVolumes: 0,
    userData: null,
    ...found,
  };
  const manifest = manifestOf(given as InstanceFacts, resource, { application: "shop", point: "p" });
  const slot = {
    name: "s",
    instanceType: manifest.instanceType,
    subnet: "subnet-a",
    zone: "eu-central-1a",
    address: "10.0.0.10",
    secondary: ["10.0.0.20"],
    ...(ipv6 && { ipv6 }),
  };
  const { userData } = manifest;
  const request = launchRequest({ run: aRun(), server: aServer(), resource, manifest, slot, image: "ami-1", userData });
  const { tags } = tagsOf(aRun(), aServer(), resource, manifest);
  const judged = judgeManifest(manifest);
  return {
    request,
    told: [...judged.problems, ...judged.warnings, ...judgePlanned(manifest, resource.launch, Object.keys(tags))],
  };
};

const valueAt = (value: unknown, path: string[]): unknown => {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const first = Array.isArray(value) ? value[0] : value;
  return valueAt((first as Record<string, unknown> | undefined)?.[name], rest);
};

describe("every member of RunInstances", () => {
  it("every member of RunInstances is in this table, and so is what a later SDK adds", () => {
    expect(Object.keys(rows).sort()).toEqual(leavesOf(sdk.RunInstancesRequest$).sort());
  });

  const carried = Object.entries(rows).flatMap(([name, row]) => ("carried" in row ? [{ name, ...row }] : []));
  it.each(carried)("$name comes along", ({ name, carried: source, as }) => {
    expect(valueAt(play(source).request, name.split("."))).toEqual(as);
  });

  const warned = Object.entries(rows).flatMap(([name, row]) => ("warned" in row ? [{ name, ...row }] : []));
  it.each(warned)("$name is told before anything changes", ({ warned: source, says }) => {
    expect(play({}).told.filter((sentence) => says.test(sentence))).toEqual([]);
    expect(play(source).told.filter((sentence) => says.test(sentence))).toHaveLength(1);
  });

  it("a member of RunInstances that is not needed stays out of the request of an ordinary server", () => {
    expect(Object.keys(play({}).request).sort()).toEqual([
      ...["BlockDeviceMappings", "ClientToken", "ImageId", "InstanceType", "MaxCount", "MetadataOptions", "MinCount"],
      ...["PrivateIpAddress", "SecurityGroupIds", "SubnetId"],
    ]);
  });
});
