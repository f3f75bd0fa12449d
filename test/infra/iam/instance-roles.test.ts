import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, test } from "vitest";
import { createClients } from "../../../functions/aws/calls/clients.ts";
import { adviceOf } from "../../../infra/advice.ts";
import { deploymentOf, deploymentOptions } from "../../../infra/arguments.ts";
import { instanceRolesOf } from "../../../infra/iam/instance-roles.ts";
import { valuesOf } from "../../../infra/script.ts";
import { aPlan, aResource } from "../../support/builders.ts";

const ec2 = mockClient(EC2Client);
const iam = mockClient(IAMClient);
const profile = (name: string) => `arn:aws:iam::111122223333:instance-profile/apps/${name}`;
beforeEach(() => {
  ec2.reset();
  iam.reset();
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ IamInstanceProfile: { Arn: profile("web") } }, {}] }],
  });
  iam.on(GetInstanceProfileCommand).callsFake(({ InstanceProfileName }) => ({
    InstanceProfile: { Roles: [{ Arn: `arn:aws:iam::111122223333:role/apps/${InstanceProfileName}-role` }] },
  }));
});
const clients = createClients([], { credentials: { accessKeyId: "a", secretAccessKey: "s" } });
const launch = (instanceProfile: string | null) => ({ ...aResource().launch, instanceProfile });
const planWith = (...profiles: (string | null)[]) =>
  aPlan({ protect: profiles.map((one) => aResource({ launch: launch(one) })) });

test("the roles are those in the profiles that the plan names, and that its servers have now", async () => {
  expect(await instanceRolesOf(clients, planWith("db", "same"))).toEqual({
    roles: ["apps/db-role", "apps/web-role"],
    notices: [],
  });
  expect(await instanceRolesOf(clients, planWith("db"))).toMatchObject({ roles: ["apps/db-role"] });
  expect(await instanceRolesOf(clients, planWith(null))).toEqual({ roles: [], notices: [] });
});

test("what may not be read is told, and ends no deployment: a profile is taken to have a role of its name", async () => {
  const denied = Object.assign(new Error("no"), { name: "AccessDenied" });
  iam.on(GetInstanceProfileCommand).rejects(denied);
  expect(await instanceRolesOf(clients, planWith("same"))).toEqual({
    roles: ["web"],
    notices: ["the instance profile web could not be read (AccessDenied)"],
  });
  ec2.on(DescribeInstancesCommand).rejects(Object.assign(new Error("no"), { name: "UnauthorizedOperation" }));
  expect(await instanceRolesOf(clients, planWith("same"))).toEqual({
    roles: [],
    notices: ["the instance profiles of the servers in eu-west-1 could not be read (UnauthorizedOperation)"],
  });
});

test("whoever packages without roles for servers that inherit theirs is told what they will lack", () => {
  const lacks = "lifeboat-launch may pass no role";
  expect(adviceOf(planWith("same"), { instanceRoles: [] }).join()).toContain(lacks);
  expect(adviceOf(planWith("same"), { instanceRoles: ["web"] }).join()).not.toContain(lacks);
  expect(adviceOf(planWith("db"), { instanceRoles: [] }).join()).not.toContain(lacks);
});

test("roles come by an option each; a star alone, which would be every role, is none", () => {
  const args = ["--plan", "examples/minimal.yml", "--instance-role", "web", "--instance-role", "apps/shop-*"];
  const read = (...more: string[]) =>
    deploymentOf(valuesOf({ name: "deploy", does: "", options: deploymentOptions }, [...args, ...more]));
  expect(read("--reserve-detect")).toMatchObject({
    instanceRoles: ["web", "apps/shop-*"],
    options: { approvalPage: false, reserveDetect: true },
  });
  for (const wrong of ["*", "web role", "arn:aws:iam::111122223333:role/web"])
    expect(() => read("--instance-role", wrong)).toThrow(`(got ${wrong})`);
});
