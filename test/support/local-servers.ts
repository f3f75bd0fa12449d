import { createSocket } from "node:dgram";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An HTTP server on loopback until the test ends; gives its port. */
export const aHttpServer = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const types: Record<number, string> = { 1: "A", 2: "NS", 5: "CNAME", 16: "TXT", 28: "AAAA" };

/**
 * A DNS server on loopback until the test ends; gives "address:port". `records`: "TYPE name" -> record data; a name that
 * is not there is NXDOMAIN; null = never an answer.
 */
export const aDnsServer = async (records: Record<string, Buffer[]> | null): Promise<string> => {
  const socket = createSocket("udp4");
  socket.on("message", (query, { address, port }) => {
    if (!records) return;
    const { name, end } = readName(query, 12);
    const found = records[`${types[query.readUInt16BE(end)]} ${name}`];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(found ? 0x8580 : 0x8583, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found?.length ?? 0, 6);
    const question = query.subarray(12, end + 4);
    const answers = (found ?? []).map((data) => {
      const fixed = Buffer.from([0xc0, 12, 0, query[end + 1]!, 0, 1, 0, 0, 0, 30, 0, data.length]);
      return Buffer.concat([fixed, data]);
    });
    socket.send(Buffer.concat([header, question, ...answers]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    socket.close();
  });
  return `127.0.0.1:${socket.address().port}`;
};

/** A name in wire format. [RFC 1035, 3.1] */
export const wireName = (name: string) =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const readName = (query: Buffer, from: number) => {
  const labels: string[] = [];
  let at = from;
  for (; query[at]; at += query[at]! + 1) labels.push(query.toString("latin1", at + 1, at + 1 + query[at]!));
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
};
