import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Regime } from "../regimes.ts";
import { createBuckets } from "./buckets.ts";
import { createChance } from "./chance.ts";
import { createImageNames, tagging } from "./image-names.ts";
import { createPages, type Listing, listingOf } from "./pages.ts";
import { type ApiCall, filtersOf, readCall, withFilters } from "./read-call.ts";
import { createSlots } from "./slots.ts";
import { questionOf, viewOf } from "./snapshot-view.ts";
import { createTally } from "./tally.ts";

type Reply = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

const nothing =
  '<?xml version="1.0" encoding="UTF-8"?><DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>';

const fleetListings = new Set(["DescribeInstances", "DescribeInstanceTypes", "DescribeSubnets", "DescribeVolumes"]);
const leavesFleet = /^(Describe|Get)|Snapshots?$|Image$/;

/**
 * Stands between a tool and moto: counts every call, and adds what moto lacks of AWS (copies that take time, their
 * quota, token buckets, throttles, lost replies, pages, unique and
 * tagged images). All of that is a model of our own.
 */
export const startProxy = async (port: number, motoPort: number, regime: Regime, seed: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const [tally, slots, buckets] = [createTally(), createSlots(regime), createBuckets()];
  const [pages, names, chance] = [createPages(regime.pageMax), createImageNames(), createChance(seed)];
  /** Listings of the fleet, which moto takes seconds for: they stay what they are until a call could change it. */
  const fleet = new Map<string, Listing>();
  /** ISO 8601 by id, of snapshots that moto dates otherwise than the tool's clock. */
  const dates = new Map<string, string>();
  let skippedMs = 0;
  let faults = false;
  let copies = 0;
  let throttles = 0;
  let onCopied: (count: number) => boolean = () => false;
  const now = () => Date.now() + skippedMs;

  const server = createServer((incoming, answer) => void handle(incoming, answer).catch(() => answer.destroy()));
  const handle = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const [path, body] = [incoming.url ?? "/", await bytesOf(incoming)];
    if (path === "/bench/skip") {
      skippedMs += Number(body.toString());
      return void answer.end(String(skippedMs));
    }
    const call = readCall(incoming.method ?? "GET", path, incoming.headers, body.toString("utf8"));
    tally.add(call);
    const send = (params: URLSearchParams | null) =>
      passOn(agent, motoPort, incoming, params ? Buffer.from(params.toString()) : body);
    const reply = refusal(call) ?? (await effect(call, send));
    if (faults && chance() < regime.lost) return void answer.destroy();
    if (call.operation === "CopySnapshot" && reply.status === 200 && onCopied(++copies)) return void answer.destroy();
    const { "transfer-encoding": _chunked, connection: _connection, ...headers } = reply.headers;
    answer.writeHead(reply.status, { ...headers, "content-length": String(reply.body.length) });
    answer.end(reply.body);
  };

  /** What AWS says before a call has any effect. */
  const refusal = ({ service, operation, region, params }: ApiCall): Reply | null => {
    if (!faults || service !== "ec2") return null;
    const isThrottled =
      (regime.throttled > 0 && chance() < regime.throttled) ||
      (regime.buckets && !buckets.take(region, operation, params, now()));
    if (!isThrottled) return null;
    throttles++;
    return failure(503, "RequestLimitExceeded", "Request limit exceeded.");
  };

  const effect = async (call: ApiCall, send: (params: URLSearchParams | null) => Promise<Reply>): Promise<Reply> => {
    const { service, operation, params } = call;
    if (service !== "ec2") return send(null);
    if (!leavesFleet.test(operation)) fleet.clear();
    if (operation === "CopySnapshot") return copy(call, send);
    if (operation === "RegisterImage") return register(call, send);
    if (operation === "DeregisterImage") names.deregister(params.get("ImageId") ?? "");
    if (operation === "CreateSnapshots" || operation === "CreateSnapshot") return dated(await send(null));
    return operation.startsWith("Describe") ? list(call, params, send) : send(null);
  };

  const copy = async ({ region }: ApiCall, send: (params: null) => Promise<Reply>) => {
    const slot = slots.reserve(region, now());
    if (!slot)
      return failure(400, "ResourceLimitExceeded", "Too many snapshot copies in progress. The limit is exceeded.");
    const reply = await send(null).catch((error: Error) => {
      slot.refuse();
      throw error;
    });
    const id = /<snapshotId>([^<]+)</.exec(reply.body.toString("utf8"))?.[1];
    if (reply.status === 200 && id) slot.accept(id, now());
    else slot.refuse();
    return dated(reply);
  };

  const register = async ({ region, params }: ApiCall, send: (params: URLSearchParams | null) => Promise<Reply>) => {
    const name = params.get("Name") ?? "";
    if (names.isTaken(region, name))
      return failure(400, "InvalidAMIName.Duplicate", `AMI name ${name} is already in use by another AMI`);
    const reply = await send(null);
    const id = /<imageId>([^<]+)</.exec(reply.body.toString("utf8"))?.[1];
    if (reply.status !== 200 || !id) return reply;
    names.register(region, name, id);
    const tags = tagging(params, id);
    if (tags) await send(tags);
    return reply;
  };

  const list = async (
    { operation, region }: ApiCall,
    params: URLSearchParams,
    send: (params: URLSearchParams) => Promise<Reply>,
  ): Promise<Reply> => {
    const known = pages.next(params);
    if (known) return xml(known);
    const pending = { ids: () => slots.pending(region, now()), has: (id: string) => slots.isPending(id, now()) };
    const isSnapshots = operation === "DescribeSnapshots";
    const question = isSnapshots ? questionOf(filtersOf(params), pending) : null;
    if (question && "nothing" in question) return xml(nothing);
    const asked = withFilters(params, question?.filters ?? filtersOf(params));
    const kept = fleet.get(`${region} ${asked}`);
    if (kept) return xml(pages.first(kept, params));
    const reply = await send(asked);
    const listing = reply.status === 200 ? listingOf(operation, reply.body.toString("utf8")) : null;
    if (!listing) return reply;
    if (fleetListings.has(operation)) fleet.set(`${region} ${asked}`, listing);
    const items = question
      ? viewOf(listing.items, question.states, pending, (id) => dates.get(id) ?? null)
      : listing.items;
    return xml(pages.first({ ...listing, items }, params));
  };

  /** Snapshots begin by the tool's clock, not by moto's. */
  const dated = (reply: Reply): Reply => {
    if (skippedMs === 0 || reply.status !== 200) return reply;
    const text = reply.body.toString("utf8");
    const time = new Date(now()).toISOString();
    for (const [, id] of text.matchAll(/<snapshotId>([^<]+)</g)) dates.set(id!, time);
    return { ...reply, body: Buffer.from(text.replaceAll(/(<startTime>)[^<]*/g, `$1${time}`)) };
  };

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    tally,
    slots,
    now,
    endpoint: `http://127.0.0.1:${port}`,
    throttles: () => throttles,
    isPending: (id: string) => slots.isPending(id, now()),
    /** From now on there are faults and throttles, and what is measured is measured anew. */
    measure() {
      faults = true;
      [copies, throttles] = [0, 0];
      tally.reset();
      slots.reset();
    },
    /** Hears of every copy that was accepted, by its number; true = its reply does not arrive. */
    whenCopied(listen: (count: number) => boolean) {
      onCopied = listen;
    },
    close: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
export type CountingProxy = Awaited<ReturnType<typeof startProxy>>;

const xml = (text: string): Reply => ({
  status: 200,
  headers: { "content-type": "text/xml;charset=UTF-8" },
  body: Buffer.from(text),
});

const failure = (status: number, code: string, message: string): Reply => ({
  ...xml(
    `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>bench</RequestID></Response>`,
  ),
  status,
});

const bytesOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const answerSecondsMax = 300;

const passOn = (agent: Agent, port: number, { method, url, headers }: IncomingMessage, body: Buffer) =>
  new Promise<Reply>((resolve, reject) => {
    const { "content-length": _length, "transfer-encoding": _encoding, connection: _connection, ...rest } = headers;
    const onward = request(
      { host: "127.0.0.1", port, method, path: url, agent, headers: { ...rest, "content-length": body.length } },
      (reply) =>
        void bytesOf(reply).then(
          (bytes) => resolve({ status: reply.statusCode ?? 502, headers: reply.headers, body: bytes }),
          reject,
        ),
    );
    onward.setTimeout(answerSecondsMax * 1_000, () => onward.destroy(new Error("moto gave no answer")));
    onward.on("error", reject);
    onward.end(body);
  });
