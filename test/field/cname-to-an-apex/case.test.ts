import { expect, it } from "vitest";
import { verifyTraffic } from "../../../functions/verify-traffic.ts";
import { aPlan, aRow, aRun } from "../../support/builders.ts";
import { aContext } from "../../support/context.ts";
import { withTable } from "../../support/memory-table.ts";

/** A resolver that is asked for NS of a CNAME follows it: it answers with the name servers of the target's zone. */
const answers: Record<string, string[]> = {
  "NS shop.example.com": ["ns1.other.net"],
  "A ns1.other.net": ["203.0.113.9"],
  "NS example.com": ["ns1.example.net"],
  "A ns1.example.net": ["203.0.113.1"],
  "CNAME shop.example.com 203.0.113.1": ["d2.cdn.example.net"],
  "CNAME shop.example.com 1.1.1.1": ["d2.cdn.example.net"],
  "CNAME shop.example.com 8.8.8.8": ["d2.cdn.example.net"],
};
/** Public reports: caddyserver/certmagic#117, chatmail/relay#1035. */
it("a CNAME whose target is the apex of another zone is verified at its own zone's servers", async () => {
  const net = {
    http: async () => ({ status: 200, body: "ok" }),
    tcp: async () => ({ error: "x" }),
    resolve: async ({ name, type, server }: { name: string; type: string; server?: string }) => {
      const values =
        answers[`${type} ${name} ${server ?? ""}`.trim()] ?? (server ? undefined : answers[`${type} ${name}`]);
      return values ? { values } : { error: "EREFUSED" };
    },
  };
  const traffic = aPlan().traffic!;
  const record = {
    ...traffic.records[0]!,
    type: "CNAME",
    policy: "simple",
    primary: { addresses: ["d1.cdn.example.net"] },
    recovery: { addresses: ["d2.cdn.example.net"] },
  };
  const plan = aPlan({ traffic: { ...traffic, switch: "records", records: [record as never] } });
  const input = { run: aRun(), reroute: { value: { at: "2026-03-02T12:00:00.000Z", changes: [], changeIds: {} } } };
  const got = await verifyTraffic(
    input as never,
    await withTable(aContext({ net: net as never }), { plan, row: aRow() }),
  );
  expect(got).toMatchObject({ done: true });
});
