import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, test } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { functions } from "../../infra/functions.ts";
import { refuseTooFew, reservedOf } from "../../infra/reservations.ts";

const quotas = mockClient(ServiceQuotasClient);
beforeEach(() => quotas.reset());
const clients = createClients([], { credentials: { accessKeyId: "a", secretAccessKey: "s" } });
const look = (allowed: number, reserved: number) => {
  quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: allowed } });
  return refuseTooFew(clients, ["eu-central-1", "eu-west-1"], reserved);
};

test("nothing is reserved unless it is asked for, so that every account takes the deployment", () => {
  for (const one of Object.values(functions({ approvalPage: false })))
    expect(one).not.toHaveProperty("reservedConcurrency");
  expect(reservedOf({ approvalPage: false })).toBe(0);
  expect(reservedOf({ approvalPage: true, reserveDetect: true })).toBe(25);
  expect(functions({ approvalPage: false, reserveDetect: true }).Detect).toMatchObject({ reservedConcurrency: 20 });
});

test.each([
  [10, 20, "eu-central-1 lets 10 Lambda functions run at once: 20 cannot be reserved, as AWS keeps 100 for the others"],
  [119, 20, "eu-central-1 lets 119"],
])("a quota of %d has no room for %d, which is said before anything is made", async (allowed, reserved, message) => {
  await expect(look(allowed, reserved)).rejects.toThrow(message);
});

test("where there is room, nothing is asked for, or the quota may not be read, the deployment goes on", async () => {
  await look(120, 20);
  await look(10, 0);
  quotas.on(GetServiceQuotaCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
  await refuseTooFew(clients, ["eu-central-1"], 20);
});
