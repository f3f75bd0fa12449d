/**
 * Names of what is deployed. They are the same in every Region and known before anything exists, because no stack can
 * refer to another Region's. ARNs are written for Fn::Sub.
 */
export const tableName = "lifeboat";

/** User data of servers: secrets, under a key of their own. */
export const userDataTableName = "lifeboat-user-data";

export const bucketName = "lifeboat-reports-${AWS::AccountId}-${AWS::Region}";

export const functionName = (file: string) => `lifeboat-${file}`;

export const machineName = (machine: string) => `lifeboat-${machine}`;

/** Executions start through this alias, so a deploy never changes a running run. */
export const machineAlias = "live";
