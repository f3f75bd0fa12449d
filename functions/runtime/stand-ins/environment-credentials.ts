/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: Lambda gives a function its role's credentials in
 * the environment, so the chain of files, SSO and metadata services (130 KB) has nothing to find there.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw Object.assign(new Error("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: expected values of the role (got none)"), {
      name: "CredentialsProviderError",
    });
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
