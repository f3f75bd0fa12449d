import { CopySnapshotCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copy } from "../../../../functions/copy.ts";
import { freshMemory } from "../../../../functions/core/instances/copy/pass-state.ts";
import type { CopyResult } from "../../../../functions/core/instances/copy/pass-summary.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import { copyScene, fault, input, point, showing } from "../../../support/copy-scene.ts";
import { aChunk, someEntries } from "../../../support/queue.ts";

const ec2 = mockClient(EC2Client);
const kms = mockClient(KMSClient);
const arn = (name: string, region = "eu-central-1") => `arn:aws:kms:${region}:111122223333:key/${name}`;
const key = (name: string, KeyState = "Enabled") =>
  ({ KeyMetadata: { KeyId: name, Arn: arn(name), KeyState } }) as object;
const asymmetric = {
  KeyMetadata: { KeyId: "one", Arn: arn("one"), KeyState: "Enabled", KeySpec: "RSA_4096", KeyUsage: "ENCRYPT_DECRYPT" },
} as object;
const planWith = (encryptKey: string | null) => aPlan({ protect: [aResource({ encryptKey })] });

beforeEach(() => {
  ec2.reset();
  kms.reset();
  ec2.on(CopySnapshotCommand).resolves({ SnapshotId: "snap-new" });
  showing(ec2, {});
});

const scene = (encryptKey: string | null = "alias/lifeboat") =>
  copyScene([aChunk({ entries: someEntries(["a", "b"]) })], point, { plan: planWith(encryptKey) });
const pinnedScene = async (encryptKey: string | null = "alias/lifeboat") => {
  const context = await scene(encryptKey);
  await context.store.savePin("shop", "web", "eu-central-1", {
    arn: arn("one"),
    key: "alias/lifeboat",
    pinnedAt: "2026-01-01T00:00:00.000Z",
  });
  return context;
};

describe("the key of the copies", () => {
  it("the key of the copies is looked up once a run, and pinned as an ARN with the first copy", async () => {
    kms.on(DescribeKeyCommand).resolves(key("one"));
    const context = await scene();
    const first = await copy(input, context);
    await copy({ ...input, copy: { value: first } }, context);
    expect(ec2).toHaveReceivedCommandWith(CopySnapshotCommand, { Encrypted: true, KmsKeyId: arn("one") });
    expect(kms).toHaveReceivedCommandExactlyOnceWith(DescribeKeyCommand, { KeyId: "alias/lifeboat" });
    expect(await context.store.pin("shop", "web", "eu-central-1")).toMatchObject({
      arn: arn("one"),
      key: "alias/lifeboat",
    });
  });

  it("the key of the copies stays the pinned one when the alias has moved, and the run reports that", async () => {
    kms.on(DescribeKeyCommand, { KeyId: "alias/lifeboat" }).resolves(key("two"));
    kms.on(DescribeKeyCommand, { KeyId: arn("one") }).resolves(key("one"));
    const result = await copy(input, await pinnedScene());
    expect(result).toMatchObject({ started: 2, refused: {} });
    expect(result.problems.web).toContain(`copies stay under ${arn("one")}; lifeboat rekey shows what changing costs`);
    expect(ec2).toHaveReceivedCommandWith(CopySnapshotCommand, { KmsKeyId: arn("one") });
  });

  it("the key of the copies stays the pinned one when the alias is gone, or the plan names none any more", async () => {
    kms.on(DescribeKeyCommand).rejects(fault("NotFoundException", "no such alias"));
    kms.on(DescribeKeyCommand, { KeyId: arn("one") }).resolves(key("one"));
    expect(await copy(input, await pinnedScene())).toMatchObject({ started: 2, refused: {} });
    expect(await copy(input, await pinnedScene(null))).toMatchObject({
      started: 2,
      problems: { web: expect.any(String) },
    });
  });

  it("the key of the copies is checked at every run, by one call while the alias has not moved", async () => {
    kms.on(DescribeKeyCommand).resolves(key("one"));
    expect(await copy(input, await pinnedScene())).toMatchObject({ started: 2, problems: {} });
    expect(kms).toHaveReceivedCommandTimes(DescribeKeyCommand, 1);
  });

  it.each([
    ["is not enabled", key("one", "Disabled"), "alias/lifeboat", "is Disabled, not Enabled"],
    [
      "is asymmetric",
      asymmetric,
      "alias/lifeboat",
      "is RSA_4096 for ENCRYPT_DECRYPT: EBS takes symmetric encryption keys only",
    ],
    ["is of another Region", key("one"), arn("x", "us-east-1"), "it belongs to us-east-1"],
  ])("a key that %s is refused before a copy is requested", async (_, answer, name, because) => {
    kms.on(DescribeKeyCommand).resolves(answer);
    const result = await copy(input, await scene(name));
    expect(result).toMatchObject({ started: 0, done: true, left: 2 });
    expect(result.refused.web).toBe(
      `key ${name} in eu-central-1${because.startsWith("is") ? ` ${because}` : `: NotFoundException: ${because}`}`,
    );
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 0);
  });

  it("a pinned key that is disabled is refused", async () => {
    kms.on(DescribeKeyCommand).resolves(key("one", "Disabled"));
    expect((await copy(input, await pinnedScene())).refused.web).toBe(
      `key ${arn("one")} in eu-central-1 is Disabled, not Enabled`,
    );
  });

  it("a key that does not exist is refused", async () => {
    kms.on(DescribeKeyCommand).rejects(fault("NotFoundException", "no such alias"));
    expect((await copy(input, await scene())).refused.web).toContain("NotFoundException: no such alias");
  });

  it("the next pass looks the key up again when KMS throttles", async () => {
    kms.on(DescribeKeyCommand).rejects(fault("ThrottlingException"));
    expect(await copy(input, await scene())).toMatchObject({ started: 0, refused: {}, done: false, waiting: 2 });
  });
});

describe("a copy that would miss its deadline", () => {
  const slow = { ...input, copy: { value: { ...freshMemory, usualSeconds: 5_400 } as CopyResult } };
  const late = (timeBased: boolean) =>
    copyScene([aChunk({ deadline: "2026-03-02T12:50:00.000Z" })], point, {
      plan: aPlan({ protect: [aResource({ timeBased })] }),
    });
  const minutes = () =>
    ec2.commandCalls(CopySnapshotCommand).map(({ args }) => args[0].input.CompletionDurationMinutes);

  it("a copy that would miss its deadline becomes a time-based one where the plan allows it", async () => {
    expect(await copy(slow, await late(true))).toMatchObject({ started: 1 });
    expect(await copy(slow, await late(false))).toMatchObject({ started: 1 });
    expect(minutes()).toEqual([45, undefined]);
  });

  it("a copy that would miss its deadline stays a normal one when EBS has no throughput left for it", async () => {
    ec2.on(CopySnapshotCommand).rejectsOnce(fault("InvalidParameterCombination")).resolves({ SnapshotId: "snap-1" });
    expect(await copy(slow, await late(true))).toMatchObject({ started: 1, refused: {} });
    expect(minutes()).toEqual([45, undefined]);
  });
});
