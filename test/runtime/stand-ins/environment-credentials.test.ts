import { afterEach, expect, test, vi } from "vitest";
import { defaultProvider } from "../../../functions/runtime/stand-ins/environment-credentials.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the credentials of the role are read when they are asked for", async () => {
  const provide = defaultProvider();
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "token");
  expect(await provide()).toEqual({ accessKeyId: "id", secretAccessKey: "secret", sessionToken: "token" });
  vi.stubEnv("AWS_SESSION_TOKEN", "");
  expect(await provide()).toEqual({ accessKeyId: "id", secretAccessKey: "secret" });
});

test("no credentials in the environment is an error with AWS's own name", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "");
  await expect(defaultProvider()()).rejects.toMatchObject({ name: "CredentialsProviderError" });
});
