import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { createStore } from "../../functions/aws/store/store.ts";
import type { Deployment } from "../../infra/deploy-all.ts";
import { stacksOf } from "../../infra/stacks.ts";
import { aTable } from "../support/memory-table.ts";

/** A deployment that only writes down what it would do: `done` holds a line for each stack, in order. */
export const aDeployment = (): Deployment & { done: string[]; lines: string[] } => {
  const done: string[] = [];
  const lines: string[] = [];
  const table = aTable();
  const tables = new Map([["eu-central-1", table]]);
  return {
    done,
    table,
    reserved: 0,
    tableIn(region) {
      if (!tables.has(region)) tables.set(region, aTable());
      return tables.get(region)!;
    },
    store: createStore(table),
    clients: createClients([], { credentials: { accessKeyId: "a", secretAccessKey: "s" } }),
    packageAll: async (plan, _, scopeIn) => stacksOf(plan, { approvalPage: false }, scopeIn),
    deploy: async ({ role, region }) => done.push(`deploy ${role} ${region}`),
    remove: async ({ role, region }) => done.push(`remove ${role} ${region}`),
    resourcesOf: async () => 3,
    ask: async () => null,
    lines,
    log: (line) => void lines.push(line),
    leftToDo: async () => ["what is left"],
  };
};

/** The account that a deployment is made in, before each test: it has no servers yet. */
export const anAccount = () => {
  const [sts, ec2, iam] = [mockClient(STSClient), mockClient(EC2Client), mockClient(IAMClient)];
  beforeEach(() => {
    for (const mock of [sts, ec2, iam]) mock.reset();
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
    sts.on(GetCallerIdentityCommand).resolves({ Account: "111122223333" });
  });
  return { sts };
};
