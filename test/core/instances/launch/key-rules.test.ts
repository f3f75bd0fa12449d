import { describe, expect, it, test } from "vitest";
import { judgeKey } from "../../../../functions/core/instances/launch/conditions.ts";
import { foreignKey, keyProblem, keyWarning } from "../../../../functions/core/instances/launch/key-rules.ts";

const arn = "arn:aws:kms:eu-central-1:111122223333:key/one";
const works = { arn, state: "Enabled", spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", manager: "CUSTOMER" };

describe("a key that EBS can use", () => {
  test.each([
    ["of the customer", "alias/k", works],
    ["while the primary Region of a multi-Region key changes", "alias/k", { ...works, state: "Updating" }],
    ["that AWS manages for EBS", "alias/aws/ebs", { ...works, manager: "AWS" }],
    ["whose manager cannot be told from its ARN", arn, { ...works, manager: "AWS" }],
  ])("%s", (_case, key, found) => expect(keyProblem(key, found)).toBeNull());
});

describe("a key that EBS cannot use", () => {
  test.each([
    [{ spec: "RSA_4096" }, "is RSA_4096 for ENCRYPT_DECRYPT: EBS takes symmetric encryption keys only"],
    [
      { spec: "HMAC_256", usage: "GENERATE_VERIFY_MAC" },
      "is HMAC_256 for GENERATE_VERIFY_MAC: EBS takes symmetric encryption keys only",
    ],
    [{ state: "Disabled" }, "is Disabled, not Enabled"],
    [{ state: "PendingDeletion" }, "is PendingDeletion, not Enabled: it will be deleted, and what it encrypts with it"],
    [
      { state: "PendingImport" },
      "is PendingImport, not Enabled: its imported material has expired, was deleted, or never came",
    ],
    [{ state: "Creating" }, "is Creating, not Enabled: its replica is still being made"],
  ])("%j", (over, problem) => expect(keyProblem("alias/k", { ...works, ...over })).toBe(problem));

  it("a key that EBS cannot use is one that AWS manages for another service", () => {
    const managed = { ...works, manager: "AWS" };
    expect(keyProblem("alias/aws/s3", managed)).toContain("for another service");
    expect(keyProblem("arn:aws:kms:eu-central-1:111122223333:alias/aws/s3", managed)).toContain("for another service");
  });

  it("a key that EBS cannot use is one of another account, whatever its state", () => {
    expect(foreignKey(arn, "111122223333")).toBeNull();
    expect(foreignKey("alias/k", "111122223333")).toBeNull();
    expect(judgeKey("web", arn, "eu-central-1", null, "444455556666")).toEqual([
      `web: key ${arn} belongs to account 111122223333, not to 444455556666, which Lifeboat runs in`,
    ]);
  });
});

it("warns of imported material that expires", () => {
  expect(keyWarning({ ...works, expiresAt: "2026-04-01T00:00:00.000Z" })).toContain("2026-04-01T00:00:00.000Z");
  expect(keyWarning(works)).toBeNull();
});
