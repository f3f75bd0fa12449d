import {
  bucketName,
  functionName,
  machineAlias,
  machineName,
  tableName,
  userDataTableName,
} from "../functions/core/deployed-names.ts";

/** `load-plan` -> `LoadPlan`: the state, and the stem of every logical id. */
export const pascalCase = (file: string) => file.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
/** A name of the plan as a part of a logical id, which knows no hyphen: `app-1` -> `AppDash1`. */
export const logicalId = (name: string) => pascalCase(name.replaceAll("-", "-dash-"));
/** `LoadPlan` -> `load-plan`. */
export const kebabCase = (state: string) => state.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();

const here = "${AWS::Region}:${AWS::AccountId}";
export const tableArn = `arn:\${AWS::Partition}:dynamodb:${here}:table/${tableName}`;
export const userDataTableArn = `arn:\${AWS::Partition}:dynamodb:${here}:table/${userDataTableName}`;
export const bucketArn = `arn:\${AWS::Partition}:s3:::${bucketName}`;
export const functionArn = (file: string) => `arn:\${AWS::Partition}:lambda:${here}:function:${functionName(file)}`;
/** Unqualified: IAM authorizes StartExecution through an alias on this one. [SFN:auth-version-alias] */
export const machineArn = (machine: string) =>
  `arn:\${AWS::Partition}:states:${here}:stateMachine:${machineName(machine)}`;
export const aliasArn = (machine: string) => `${machineArn(machine)}:${machineAlias}`;
export const executionArns = (machine: string) =>
  `arn:\${AWS::Partition}:states:${here}:execution:${machineName(machine)}:*`;
