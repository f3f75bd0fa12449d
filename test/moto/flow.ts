import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Instance,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { describeInstances } from "../../functions/aws/ec2/instances.ts";
import { tagsOf } from "../../functions/aws/ec2/tags.ts";
import { createStore } from "../../functions/aws/store/store.ts";
import { createTable } from "../../functions/aws/store/table.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { pascalCase } from "../../infra/names.ts";
import { anOutside } from "../support/context.ts";
import { createMachines, functionsIn, run } from "./machines.ts";
import { clientDefaults, motoPort, reset, routerPort, runStateMachines } from "./moto.ts";
import { populate } from "./populate.ts";
import { startRouter } from "./router.ts";
import { bucketName, primary, recovery, shopPlan, tableName } from "./shop.ts";
import { shopNet } from "./shop-net.ts";

/** The shop in moto with its plan stored, the project's machines in moto's Step Functions, and its handlers behind the router. */
export const startFlow = async () => {
  await reset();
  await runStateMachines();
  const outer = createClients([], clientDefaults(motoPort()));
  // moto calls an instance paravirtual whose image it does not know, and those go by CreateImage
  const { ImageId } = await outer(EC2Client, primary).send(new RegisterImageCommand({ Name: "shop" }));
  const { names, servers } = await populate(outer, ImageId);
  const clients = createClients([], clientDefaults(routerPort()));
  const store = createStore(createTable(clients, recovery, tableName));
  const outside = anOutside({
    settings: {
      region: recovery,
      home: recovery,
      table: tableName,
      userDataTable: tableName,
      bucket: bucketName,
      failoverMachine: "",
      answerMachine: "",
      replicateMachine: "",
      detectFunction: "",
      schedulerRole: "",
    },
    clientDefaults: clientDefaults(routerPort()),
    net: shopNet(clients, names),
    now: () => new Date(),
  });
  const router = await startRouter(routerPort(), motoPort(), functionsIn(outside));
  await createMachines(clients);
  await store.savePlan(shopPlan(names));

  return {
    clients,
    store,
    names,
    servers,
    close: router.close,

    /** Runs a machine; `calls` are the functions that were invoked for it, by the names of their states, in order. */
    async run(machine: string, name: string, input: Record<string, unknown>) {
      const before = router.seen.length;
      const ended = await run(clients, machine, name, input);
      const calls = router.seen.slice(before).map(({ name }) => pascalCase(name.replace("lifeboat-", "")));
      return { ...ended, calls };
    },

    async images() {
      return (await clients(EC2Client, recovery).send(new DescribeImagesCommand({ Owners: ["self"] }))).Images ?? [];
    },

    /** Lifeboat's snapshots in the recovery Region. */
    async copies() {
      const Filters = [{ Name: `tag:${tagKeys.application}`, Values: ["shop"] }];
      const { Snapshots } = await clients(EC2Client, recovery).send(new DescribeSnapshotsCommand({ Filters }));
      return (Snapshots ?? []).map((snapshot) => ({ ...snapshot, tags: tagsOf(snapshot.Tags) }));
    },

    /** Instances of a run, in the order of the servers that they stand for. */
    async launched(name: string): Promise<Instance[]> {
      const found = await describeInstances(clients, recovery, [{ Name: `tag:${tagKeys.run}`, Values: [name] }]);
      const place = ({ Tags }: Instance) => servers.indexOf(tagsOf(Tags)[tagKeys.server] ?? "");
      return found.sort((a, b) => place(a) - place(b));
    },

    async pointOf(resource: string) {
      return (await store.points("shop", resource))[0]!;
    },

    async object(Key: string): Promise<string> {
      const { Body } = await clients(S3Client, recovery).send(new GetObjectCommand({ Bucket: bucketName, Key }));
      return Body!.transformToString();
    },
  };
};
export type Flow = Awaited<ReturnType<typeof startFlow>>;
