import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { type ApiCall, readCall } from "../../bench/proxy/read-call.ts";
import { type EbsEvent, ebsEvents } from "./ebs-events.ts";

/** Services that moto answers, by their signing names; ministack answers all others. */
const ofMoto = new Set(["ec2", "elasticloadbalancing", "autoscaling", "ssm", "servicequotas"]);
/** EBS tells of what has ended a moment after its reply: moto's snapshots and copies are whole at once. */
const toldAfterMs = 1_500;

type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer };
export type Ports = { gateway: number; ministack: number; moto: number; events: number };
export type Gateway = { dark: Set<string>; calls: (ApiCall & { status: number | null })[]; stop(): Promise<void> };

/**
 * One endpoint for all of AWS on the loopback interface, which hands each call to ministack or to moto by the service of its
 * signature. A Region in `dark` answers nothing at all. `calls`: what was asked, with the HTTP status, or null of no answer;
 * it stands in the file `log` as well.
 */
export const startGateway = async ({ gateway, ministack, moto, events }: Ports, log: string): Promise<Gateway> => {
  const dark = new Set<string>();
  const calls: Gateway["calls"] = [];
  const tell = (event: EbsEvent) =>
    void send(events, "POST", "/", {}, Buffer.from(JSON.stringify(event))).catch(() => {});

  const server = createServer(async (asked, reply) => {
    const body = await bodyOf(asked);
    const { method = "GET", url = "/", headers } = asked;
    const call = readCall(method, url, headers, body.toString("utf8"));
    const seen = { ...call, status: null as number | null };
    calls.push(seen);
    if (dark.has(call.region)) return;
    const answer = await send(ofMoto.has(call.service) ? moto : ministack, method, url, headers, body).catch(
      (error: Error): Reply => ({ status: 502, headers: {}, body: Buffer.from(error.message) }),
    );
    seen.status = answer.status;
    const failed = answer.status >= 400 ? ` ${answer.body.toString("utf8").slice(0, 1_000)}` : "";
    appendFileSync(
      log,
      `${new Date().toISOString()} ${call.region} ${call.service} ${call.operation} ${answer.status}${failed}\n`,
    );
    const { "transfer-encoding": _, connection: __, ...kept } = answer.headers;
    // HEAD tells the length of what it does not send
    const length = method === "HEAD" ? (kept["content-length"] ?? 0) : answer.body.length;
    reply.writeHead(answer.status, { ...kept, "content-length": length }).end(answer.body);
    if (call.service === "ec2" && answer.status === 200)
      for (const event of ebsEvents(call, answer.body.toString("utf8"))) setTimeout(() => tell(event), toldAfterMs);
  }).listen(gateway, "127.0.0.1");
  await once(server, "listening");
  return {
    dark,
    calls,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const bodyOf = async (stream: AsyncIterable<Buffer>) => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

const send = (port: number, method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
      bodyOf(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: read }),
        reject,
      );
    });
    asking.on("error", reject);
    asking.end(body);
  });
