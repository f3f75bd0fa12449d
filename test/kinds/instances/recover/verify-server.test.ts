import { DescribeInstanceInformationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { verify } from "../../../../functions/verify.ts";
import { aPlan, aResource, aServerItem } from "../../../support/builders.ts";
import { passInput, serversIn, waveScene } from "../../../support/wave-scene.ts";

const ssm = mockClient(SSMClient);
const plan = aPlan({
  protect: [aResource({ verify: { http: { port: 8080, path: "/healthz" }, withinSeconds: 300, from: "ssm" } })],
});
const input = passInput({ waveSince: "2026-03-02T11:00:00.000Z", since: "2026-03-02T11:00:00.000Z" });
/** Servers i-a, i-b and so on, of which each was attached so many seconds ago. */
const verified = async (...seconds: number[]) => {
  const ids = seconds.map((_, nth) => `i-${"abc"[nth]}`);
  const servers = seconds.map((ago, nth) => {
    const attachedAt = new Date(Date.parse("2026-03-02T12:00:00.000Z") - ago * 1_000).toISOString();
    return aServerItem({ state: "attached", server: `i-0${nth}`, instance: ids[nth]!, attachedAt });
  });
  ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: "Online" as const })),
  });
  const context = await waveScene({ plan, servers });
  await verify(input, context);
  return serversIn(context);
};

beforeEach(() => {
  ssm.reset();
  ssm.on(SendCommandCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
});

it("a command that is denied for one server is sent to the others of its batch; that one is not good yet", async () => {
  for (const id of ["i-b", "i-c"])
    ssm.on(SendCommandCommand, { InstanceIds: [id] }).resolves({ Command: { CommandId: `of ${id}` } });
  expect(await verified(9, 9, 9)).toMatchObject([
    { state: "attached", command: null },
    { state: "attached", command: "of i-b" },
    { state: "attached", command: "of i-c" },
  ]);
});

it("a denial is reported once the time of the server is over", async () => {
  const [server] = await verified(300);
  expect(server?.error?.message).toContain("the command may not be sent: AccessDeniedException: no, after 300 s");
});
