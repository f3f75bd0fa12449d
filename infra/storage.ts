import { bucketName, tableName } from "../functions/core/deployed-names.ts";
import { arnOf, type Fragment, kept, sub } from "./fragment.ts";
import { bucketArn } from "./names.ts";

/** The table (row, plan, points, manifests, ledger) and the bucket of reports. Both outlive the stack. */
export const storage = (): Fragment => ({
  Resources: {
    Table: keptTable(tableName, { SSEEnabled: true }),
    Reports: kept("AWS::S3::Bucket", {
      BucketName: sub(bucketName),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      VersioningConfiguration: { Status: "Enabled" },
    }),
    ReportsPolicy: kept("AWS::S3::BucketPolicy", {
      Bucket: { Ref: "Reports" },
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [sub(bucketArn), sub(`${bucketArn}/*`)],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    }),
  },
  Outputs: {
    TableArn: { Value: arnOf("Table") },
    ReportsBucket: { Value: { Ref: "Reports" } },
  },
});

/** A table by the keys pk and sk, paid by request, restorable to any second, and protected from deletion. */
export const keptTable = (TableName: string, SSESpecification: object) =>
  kept("AWS::DynamoDB::Table", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification,
    DeletionProtectionEnabled: true,
  });
