export const [primary, recovery] = ["eu-west-1", "eu-central-1"] as const;
export const tableName = "lifeboat";
export const userDataTableName = "lifeboat-user-data";
export const bucketName = "lifeboat-reports";
export const application = "bench";
/** moto's only account. */
export const account = "123456789012";
export const volumesOfInstance = 4;
