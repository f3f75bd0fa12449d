import { userDataTableName } from "../functions/core/deployed-names.ts";
import { arnOf, type Fragment, kept, ref, sub } from "./fragment.ts";
import { keptTable } from "./storage.ts";

/**
 * The table of user data and its key, both of which outlive the stack. User data holds passwords more often than not:
 * it is apart from everything that people and other functions read, and only snapshot and launch may use the key.
 */
export const userDataStorage = (): Fragment => ({
  Resources: {
    UserDataKey: kept("AWS::KMS::Key", {
      Description:
        "Lifeboat: user data of protected servers. Without this key no server can be launched with its user data.",
      EnableKeyRotation: true,
      PendingWindowInDays: 30,
      KeyPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AdministratorsOfTheAccountKeepTheKey",
            Effect: "Allow",
            Principal: { AWS: accountRoot },
            Action: administration,
            Resource: "*",
          },
          {
            Sid: "DynamoDBUsesItForThoseWhomIamAllows",
            Effect: "Allow",
            Principal: { AWS: accountRoot },
            Action: throughDynamoDb,
            Resource: "*",
            Condition: { StringEquals: { "kms:ViaService": sub("dynamodb.${AWS::Region}.amazonaws.com") } },
          },
        ],
      },
    }),
    UserDataKeyAlias: kept("AWS::KMS::Alias", {
      AliasName: `alias/${userDataTableName}`,
      TargetKeyId: ref("UserDataKey"),
    }),
    UserDataTable: keptTable(userDataTableName, {
      SSEEnabled: true,
      SSEType: "KMS",
      KMSMasterKeyId: arnOf("UserDataKey"),
    }),
  },
  Outputs: { UserDataTableArn: { Value: arnOf("UserDataTable") } },
});

const accountRoot = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");

/** Nothing that shows what the key protects. */
const administration = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListGrants",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:RevokeGrant",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** What a table under a key of the customer needs at least, of who makes it and of who uses it. [DynamoDB:encryption.usagenotes] */
const throughDynamoDb = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];
