import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSnapshotCommand, CreateVolumeCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { program } from "../../cli/program.ts";
import type { Clients, Watch } from "../../functions/aws/calls/clients.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { measureReadiness } from "../../functions/readiness/measure-readiness.ts";
import { readiness } from "../../functions/readiness.ts";
import { createOutput } from "../../terminal/output.ts";
import { outside } from "../../terminal/outside.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";
import { aManifest, aPoint } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { clientDefaults, motoClients, motoPort, reset } from "./moto.ts";
import { populate } from "./populate.ts";
import {
  alarmName,
  host,
  keyAlias,
  type Names,
  primary,
  primaryAddress,
  recovery,
  servers,
  tableName,
} from "./shop.ts";

/** What moto's world has beside the shop's: a topic in the primary Region. */
export type ReadyNames = Names & { farTopic: string; instances: string[]; snapshots: string[] };
export type World = Awaited<ReturnType<typeof aReadyWorld>>;

// biome-ignore lint/suspicious/noExplicitAny: a case changes anything of the document
type Document = any;

/** The shop's plan as its author writes it, with the names that moto gave. */
const documentOf = (names: ReadyNames, zone: string): Document => {
  const [a, b] = names.subnets;
  const launch = {
    subnets: { [`${recovery}a`]: a, [`${recovery}b`]: b },
    securityGroups: [names.securityGroup],
    address: "same-host-part",
  };
  const tier = (name: string) => ({ name, kind: "instances", select: { tags: { App: "shop", Tier: name } } });
  const elasticIps = names.elasticIps.map(({ id }) => id);
  return {
    version: 1,
    application: "shop",
    regions: { primary, recovery },
    objectives: { rpo: "1h", rto: "30m" },
    detect: {
      action: "notify",
      verdict: { unhealthy: 1, regional: 1, sustained: "3m" },
      witnesses: [
        { name: "errors", alarm: alarmName, region: primary },
        { name: "region", api: primary },
      ],
    },
    protect: [
      { ...tier("app"), every: "rate(30 minutes)", encrypt: { key: keyAlias }, launch },
      {
        ...tier("web"),
        every: "rate(30 minutes)",
        launch: { ...launch, elasticIps, targetGroups: [names.targetGroup] },
        verify: { http: ":80/healthz", within: "1m", from: "targetGroup" },
      },
    ],
    recover: { waves: [["app"], ["web"]] },
    traffic: {
      switch: "takeover",
      healthCheck: names.healthCheck,
      zone,
      records: [
        {
          name: host,
          type: "A",
          policy: "failover",
          ttl: 30,
          primary: primaryAddress,
          recovery: names.elasticIps.map(({ address }) => address),
        },
      ],
    },
    notify: { topics: [names.topic, names.farTopic] },
  };
};

/** Ids of zones begin with Z on AWS, and a plan insists on it; moto's do not: what stands before them is taken away on the way. */
const mark = "Z0";
const unmarked: Watch = (call, next) => {
  const request = call.request as { path?: string };
  if (request.path) request.path = request.path.replace(`/hostedzone/${mark}`, "/hostedzone/");
  return next();
};

const at = () => new Date().toISOString();

/** An AWS in which the shop could fail over: what its plan names, a point of each tier, a proof of the rights. */
export const aReadyWorld = async () => {
  await reset();
  const clients = motoClients();
  const { names: own, servers: instances } = await populate(clients);
  const { TopicArn } = await clients(SNSClient, primary).send(new CreateTopicCommand({ Name: "lifeboat" }));
  const names: ReadyNames = { ...own, farTopic: TopicArn!, instances, snapshots: await copies(clients) };
  const { Account } = await clients(STSClient, recovery).send(new GetCallerIdentityCommand({}));
  const asOfLambda = { clientDefaults: clientDefaults(motoPort()), watches: [unmarked], now: () => new Date() };
  const context = aContext(asOfLambda);
  Object.assign(context.settings, {
    table: tableName,
    failoverMachine: `arn:aws:states:${recovery}:${Account}:stateMachine:lifeboat-failover`,
  });
  const { store } = context;
  const document = documentOf(names, `${mark}${names.zone}`);

  /** Deploys the document as it is now. */
  const deploy = async () => {
    const file = join(await mkdtemp(join(tmpdir(), "lifeboat-ready-")), "shop.json");
    await writeFile(file, JSON.stringify(document));
    const plan = readPlanOrThrow(file);
    await store.savePlan(plan);
    return { file, plan };
  };
  const known = await deploy();
  await store.saveProof("shop", { ...unproven(at()), at: at(), provenAt: at() });
  for (const tier of ["app", "web"] as const) await savePoint(store, tier, names);

  return {
    clients,
    names,
    store,
    document,

    /** What a person sees. */
    async check() {
      const { file } = await deploy();
      const [out, error]: [string[], string[]] = [[], []];
      const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
      const endpoint = ["--endpoint-url", `http://127.0.0.1:${motoPort()}`];
      const contextOf: typeof outside.contextOf = (plan, given) =>
        outside.contextOf(plan, { ...given, watches: [unmarked] });
      const output = createOutput(stream(out), stream(error), true);
      const code = await program(["check", "--online", file, ...endpoint], output, { ...outside, contextOf });
      return { code, out: out.join("").replaceAll(`${file}: `, ""), error: error.join("") };
    },

    /** What the look of each hour finds, and what detect would publish of it. */
    async look() {
      const { plan } = await deploy();
      const found = await readiness({ application: plan.application }, context);
      context.told.metrics.length = 0;
      measureReadiness(context, plan, await store.watched(plan.application));
      const value = context.told.metrics.find(({ name }) => name === "NotReady")?.value ?? null;
      return { found: "because" in found ? found.because.join("\n") : found.dropped, value };
    },
    plan: known.plan,
  };
};

/** Two copies for each server of the shop, as a pass leaves them. */
const copies = async (clients: Clients) => {
  const ec2 = clients(EC2Client, recovery);
  const ids: string[] = [];
  for (const _ of servers) {
    const volume = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${recovery}a`, Size: 8 }));
    ids.push((await ec2.send(new CreateSnapshotCommand({ VolumeId: volume.VolumeId! }))).SnapshotId!);
  }
  return ids;
};

export const pointIdOf = (tier: string) => `${tier}.20260302T113000Z`;

const savePoint = async (store: ReturnType<typeof aContext>["store"], tier: "app" | "web", names: ReadyNames) => {
  const own = servers.flatMap((server, index) => (server.tier === tier ? [{ ...server, index }] : []));
  const id = pointIdOf(tier);
  const ids = own.map(({ index }) => names.instances[index]!).sort();
  await store.savePoint(aPoint({ id, resource: tier, servers: ids, pointAt: at(), openedAt: at(), completedAt: at() }));
  for (const { index, name, address } of own) {
    const { volumes, ...manifest } = aManifest({
      point: id,
      resource: tier,
      server: names.instances[index]!,
      name,
      privateAddress: address,
      subnet: { id: "subnet-src", cidr: address.startsWith("10.0.1.") ? "10.0.1.0/24" : "10.0.0.0/24" },
    });
    await store.saveManifest({ ...manifest, volumes: [{ ...volumes[0]!, snapshot: names.snapshots[index]! }] });
  }
};
