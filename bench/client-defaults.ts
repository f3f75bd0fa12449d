/** What every client needs to talk to an AWS at this endpoint. */
export const clientDefaults = (endpoint: string) => ({
  endpoint,
  credentials: { accessKeyId: "moto", secretAccessKey: "moto" },
  /** Buckets are no host names here. */
  forcePathStyle: true,
  /** moto takes as long for a whole listing as AWS does for many pages. */
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 300_000 },
});
