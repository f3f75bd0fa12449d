import { codeOf } from "../../../aws/calls/errors.ts";
import { describeInstancesById, listStatuses } from "../../../aws/ec2/instances.ts";
import { volumesLoading } from "../../../aws/ec2/volumes.ts";
import { targetHealth } from "../../../aws/elastic-load-balancing.ts";
import { documentResults, managedAmong, sendShellToAll } from "../../../aws/ssm.ts";
import { checkLease } from "../../../aws/store/lease.ts";
import { batchesOf } from "../../../core/batches.ts";
import { judgeInitialized, type Target, verifyTarget } from "../../../core/instances/launch/verify.ts";
import { limits } from "../../../core/limits.ts";
import { resourceOf } from "../../../core/model/run.ts";
import type { Server } from "../../../core/model/server.ts";
import { isDenial, sentenceOf } from "../../../core/readiness/proof.ts";
import { probeScript, type Script } from "../../../core/servers/script.ts";
import type { Context } from "../../../runtime/context.ts";
import { inParallel } from "../../../runtime/in-parallel.ts";
import { goodTarget } from "../../../runtime/probe-url.ts";
import type { PassInput, WavePass } from "../../../runtime/wave-pass.ts";

/** What a look saw. `command`: of Systems Manager, whose result the next look reads. */
export type Look = { servedAt: Date | null; because: string; command?: string | null };
export type Looks = Map<Server, Look>;

/** Instances of one SendCommand. [SDK SSM: SendCommandRequest] */
const instancesPerCommand = 50;
const probesAtOnce = 20;

/** Looks at all these servers, in batches. `verifyAfter`: the server after which the next look goes on, when time was short. */
export const lookAtAll = async (
  context: Context,
  input: PassInput,
  wave: WavePass,
  servers: Server[],
): Promise<{ looks: Looks; verifyAfter: string | null }> => {
  const { target } = input.run;
  const looks: Looks = new Map();
  const howOf = ({ resource }: Server) => resourceOf(wave.plan, resource).verify;
  const targetOf = (server: Server) => {
    const how = howOf(server);
    return how && verifyTarget(how);
  };
  const probed = servers.flatMap((server) => {
    const [how, target] = [howOf(server), targetOf(server)];
    return target && how?.from !== "targetGroup" ? [{ server, target, from: how?.from }] : [];
  });
  const grouped = servers.filter((server) => howOf(server) && !probed.some((one) => one.server === server));

  await byStatusChecks(
    context,
    target,
    servers.filter((server) => howOf(server) === null),
    looks,
  );
  await byTargetGroups(context, target, wave, grouped, looks);
  const from = (where: string) => probed.filter((one) => one.from === where);
  await byCommand(context, input, from("ssm"), looks);
  const verifyAfter = await byPublicAddress(context, target, wave, from("public"), looks);
  await untilWhole(
    context,
    target,
    servers.filter((server) => howOf(server)?.initialized),
    looks,
  );
  return { looks, verifyAfter };
};

/** What is asked of a server itself. */
type Probed = { server: Server; target: Target };

/** Where the plan waits for it, a server serves only once its volumes are whole. */
const untilWhole = async ({ clients }: Context, region: string, servers: Server[], looks: Looks) => {
  const good = servers.filter((server) => looks.get(server)?.servedAt);
  if (good.length === 0) return;
  const volumes = await volumesLoading(
    clients,
    region,
    good.flatMap(({ instance }) => instance ?? []),
  );
  for (const server of good) {
    const look = looks.get(server) as Look;
    const whole = judgeInitialized(volumes.get(server.instance ?? "") ?? []);
    const because = `${look.because}; ${whole.because}`;
    looks.set(server, { ...look, servedAt: whole.good ? look.servedAt : null, because });
  }
};

const byStatusChecks = async ({ clients, now }: Context, region: string, servers: Server[], looks: Looks) => {
  if (servers.length === 0) return;
  const statuses = await listStatuses(clients, region);
  for (const server of servers) {
    const status = statuses.get(server.instance ?? "");
    const good = status?.system === "ok" && status.instance === "ok";
    const because = status
      ? `status checks: system ${status.system}, instance ${status.instance}`
      : "no status checks yet";
    looks.set(server, { servedAt: good ? now() : null, because });
  }
};

/** The load balancer has counted its own healthy threshold: healthy once in every group is good. */
const byTargetGroups = async (
  { clients, now }: Context,
  region: string,
  { plan }: WavePass,
  servers: Server[],
  looks: Looks,
) => {
  const groupsOf = ({ resource }: Server) => resourceOf(plan, resource).launch.targetGroups;
  const groups = [...new Set(servers.flatMap(groupsOf))];
  const seen = new Map(
    await Promise.all(groups.map(async (arn) => [arn, await targetHealth(clients, region, arn)] as const)),
  );
  for (const server of servers) {
    const own = groupsOf(server);
    const healths = own.map((arn) => seen.get(arn)?.get(server.instance ?? "") ?? { state: "unused", because: "" });
    const bad = healths.filter(({ state }) => state !== "healthy");
    const said = bad.map(({ state, because }) => (because ? `${state} (${because})` : state)).join(", ");
    const count = `healthy in ${own.length - bad.length} of ${own.length} target groups`;
    const isGood = own.length > 0 && bad.length === 0;
    looks.set(server, { servedAt: isGood ? now() : null, because: said ? `${count}: ${said}` : count });
  }
};

const byPublicAddress = async (
  context: Context,
  region: string,
  { pass, begunAt }: WavePass,
  probed: Probed[],
  looks: Looks,
): Promise<string | null> => {
  if (probed.length === 0) return null;
  const ids = probed.flatMap(({ server }) => server.instance ?? []);
  const found = await describeInstancesById(context.clients, region, ids);
  const addresses = new Map(found.map(({ InstanceId, PublicIpAddress }) => [InstanceId, PublicIpAddress]));
  const after = pass.verifyAfter ?? "";
  const turn = [...probed].sort((a, b) => (a.server.server < b.server.server ? -1 : 1));
  const isNext = ({ server: { server } }: Probed) => server > after;
  const queue = [...turn.filter(isNext), ...turn.filter((one) => !isNext(one))];
  let last = pass.verifyAfter;
  let isCut = false;
  await inParallel(queue, probesAtOnce, async ({ server, target }) => {
    if (context.now().getTime() - begunAt.getTime() > limits.startingSeconds * 1_000) {
      isCut = true;
      return;
    }
    last = server.server;
    const address = addresses.get(server.instance ?? "");
    const none = { servedAt: null, because: `${server.instance} has no public address yet` };
    looks.set(server, address ? await goodTarget(context, target, address) : none);
  });
  return isCut ? last : null;
};

/** Sends the command at one look and reads it at the next ones; one that failed is sent again. */
const byCommand = async (context: Context, { run, lease }: PassInput, probed: Probed[], looks: Looks) => {
  if (probed.length === 0) return;
  const { clients, now } = context;
  const servers = probed.map(({ server }) => server);
  const targetOf = new Map(probed.map(({ server, target }) => [server, target]));
  const commands = [...new Set(servers.flatMap(({ command }) => command ?? []))];
  const results = new Map(
    await Promise.all(commands.map(async (id) => [id, await documentResults(clients, run.target, id)] as const)),
  );
  const unsent: Server[] = [];
  for (const server of servers) {
    const { command, instance } = server;
    const result = command ? results.get(command)?.get(instance ?? "") : undefined;
    if (command && !result) looks.set(server, { servedAt: null, because: "the command is not there yet", command });
    else if (result?.state === "succeeded") looks.set(server, { servedAt: now(), because: result.because });
    else if (result?.state === "pending") looks.set(server, { servedAt: null, because: result.because, command });
    else {
      unsent.push(server);
      looks.set(server, {
        servedAt: null,
        because: result?.because ?? "Systems Manager does not know the instance yet",
      });
    }
  }
  if (unsent.length === 0) return;

  await checkLease(context, run, lease.value);
  const managed = await managedAmong(
    clients,
    run.target,
    unsent.flatMap(({ instance }) => instance ?? []),
  );
  const ready = unsent.filter(({ instance }) => managed.has(instance ?? ""));
  const scriptOf = (server: Server) =>
    probeScript(targetOf.get(server) as Target, managed.get(server.instance ?? "") ?? "");
  for (const own of Map.groupBy(ready, (server) => scriptOf(server).line).values()) {
    const script = scriptOf(own[0] as Server);
    const request = { ...script, comment: `lifeboat ${run.name}` };
    for (const servers of batchesOf(own, instancesPerCommand)) {
      for (const { batch, command, denial } of await sendTo(context, run.target, servers, request))
        for (const server of batch) {
          const before = denial ?? looks.get(server)?.because ?? "";
          const because = server.command || !command ? before : "the command was sent";
          looks.set(server, { servedAt: null, because, command });
        }
    }
  }
};

type Sent = { batch: Server[]; command: string | null; denial: string | null };

/**
 * One server that the role may not send to, for its tags are lost or not yet known, makes IAM deny the whole batch: it is sent
 * again by halves, until the one is found. A denial is no error, for it may pass.
 */
const sendTo = async (
  { clients }: Context,
  region: string,
  servers: Server[],
  request: Script & { comment: string },
): Promise<Sent[]> => {
  let left: number = limits.mutatingCallsPerPass;
  const send = async (batch: Server[]): Promise<Sent[]> => {
    try {
      const instances = batch.flatMap(({ instance }) => instance ?? []);
      return [{ batch, command: await sendShellToAll(clients, region, { instances, ...request }), denial: null }];
    } catch (error) {
      if (!isDenial(codeOf(error))) throw error;
      const denial = `the command may not be sent: ${codeOf(error)}: ${sentenceOf((error as Error).message)}`;
      if (batch.length === 1 || left < 2) return [{ batch, command: null, denial }];
      left -= 2;
      const middle = Math.ceil(batch.length / 2);
      return [...(await send(batch.slice(0, middle))), ...(await send(batch.slice(middle)))];
    }
  };
  return send(servers);
};
