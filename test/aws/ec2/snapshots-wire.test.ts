import { expect, it } from "vitest";
import { createClients } from "../../../functions/aws/calls/clients.ts";
import { copySnapshot } from "../../../functions/aws/ec2/snapshots.ts";

/** The body of the request that a copy sends, as EC2 reads it. */
const sentBy = async (ask: (clients: ReturnType<typeof createClients>) => Promise<unknown>) => {
  const bodies: string[] = [];
  const handle = async ({ body }: { body: string }) => {
    bodies.push(body);
    throw Object.assign(new Error("enough"), { name: "Enough" });
  };
  const credentials = { accessKeyId: "a", secretAccessKey: "s" };
  await ask(createClients([], { credentials, requestHandler: { handle } })).catch(() => undefined);
  expect(bodies).toHaveLength(1);
  return new URLSearchParams(bodies[0]);
};

it("a copy carries its tags in the request, and not in the URL that is signed for the source Region", async () => {
  const key = "arn:aws:kms:eu-central-1:111122223333:key/one";
  const source = { region: "eu-west-1", snapshot: "snap-1" };
  const sent = await sentBy((clients) =>
    copySnapshot(clients, "eu-central-1", source, key, { "lifeboat:point": "web.1" }, 60),
  );
  expect(Object.fromEntries(sent)).toMatchObject({
    Action: "CopySnapshot",
    SourceRegion: "eu-west-1",
    SourceSnapshotId: "snap-1",
    Encrypted: "true",
    KmsKeyId: key,
    CompletionDurationMinutes: "60",
    DestinationRegion: "eu-central-1",
    "TagSpecification.1.ResourceType": "snapshot",
    "TagSpecification.1.Tag.1.Key": "lifeboat:point",
    "TagSpecification.1.Tag.1.Value": "web.1",
  });
  const url = new URL(sent.get("PresignedUrl") ?? "");
  expect(url.host).toBe("ec2.eu-west-1.amazonaws.com");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: "CopySnapshot",
    SourceRegion: "eu-west-1",
    SourceSnapshotId: "snap-1",
    DestinationRegion: "eu-central-1",
    Encrypted: "true",
    KmsKeyId: key,
    CompletionDurationMinutes: "60",
    "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(url.search).not.toMatch(/TagSpecification|object/i);
});
