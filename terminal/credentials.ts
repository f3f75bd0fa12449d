import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { nearestWord } from "../functions/core/nearest-word.ts";

/** What is wrong, and what to do next. */
export type Said = { message: string; hint: string };

/** The chain of providers gives up without a reason: each has told its own to the logger. [SDK core: ProviderError] */
const reasons: string[] = [];
const nothing = () => {};
/** The logger of every client of a person's command. */
export const credentialLogger = {
  trace: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  debug: (...said: unknown[]) => {
    const [, reason] = /^@smithy\/property-provider (?:->|\(!\)) ([\s\S]+)$/.exec(String(said[0])) ?? [];
    if (reason && !saysNothing.test(reason) && reasons.length < 20) reasons.push(reason.trim());
  },
};

/** What a link of the chain says that had nothing to do with it. */
const saysNothing =
  /^(Not found in|AWS_PROFILE is set, skipping|Skipping SSO|Web identity configuration|EC2 Instance Metadata|Could not load credentials from|Unable to find environment|Profile .* could not be found|Profile .* did not contain credential_process|ECS)/;

/** Whose credentials are taken. */
export type Environment = { profile: string | null; profiles: string[] };

/** Why no credentials were found at all, of what the providers said. */
export const judgeCredentials = (said: string[], { profile, profiles }: Environment): Said => {
  const reason = said[0] ?? "";
  const [, missing] = /using profile: \[(.+)\]/.exec(reason) ?? [];
  const named = profile ? ` --profile ${profile}` : "";
  if (missing && profile) {
    const nearest = nearestWord(missing, profiles);
    const known = profiles.length > 0 ? profiles.join(", ") : "none";
    const via = missing === profile ? "AWS_PROFILE names it" : `source_profile of the profile ${profile} names it`;
    return {
      message: `no AWS credentials: there is no profile ${missing} with credentials (${via})`,
      hint: `${nearest && nearest !== missing ? `Did you mean ${nearest}? ` : ""}Known profiles: ${known}.`,
    };
  }
  const message = `no AWS credentials${profile ? ` for the profile ${profile}` : ""}: ${reason}`;
  if (/sso/i.test(reason)) return { message, hint: `Sign in: aws sso login${named}` };
  if (/\.aws\/login|login session/i.test(reason)) return { message, hint: `Sign in: aws login${named}` };
  if (/multi-factor|MFA/.test(reason))
    return {
      message,
      hint: `Get session keys: eval "$(aws configure export-credentials${named} --format env)" prompts for the MFA code; then unset AWS_PROFILE.`,
    };
  if (/^Command failed|credential_process/.test(reason))
    return {
      message,
      hint: `Run the credential_process${profile ? ` of the profile ${profile}` : ""} by hand and fix it.`,
    };
  if (reason && !missing) return { message, hint: "Fix the problem above, or set AWS_PROFILE to another profile." };
  return {
    message: "no AWS credentials: none in the environment, in the profile default, or from a role of this machine",
    hint: "Log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  };
};

/** The same of this process. `last`: what the chain itself threw. */
export const credentialsError = (last: string): Said => {
  const { AWS_PROFILE } = process.env;
  const said = saysNothing.test(last) ? reasons : [last];
  return judgeCredentials(said, { profile: AWS_PROFILE ?? null, profiles: profilesIn(process.env) });
};

/** Names in the two files that AWS tools share. */
const profilesIn = ({ AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE }: NodeJS.ProcessEnv): string[] => {
  const files = [AWS_CONFIG_FILE ?? "config", AWS_SHARED_CREDENTIALS_FILE ?? "credentials"];
  const names = files.flatMap((file) =>
    [...textOf(join(homedir(), ".aws"), file).matchAll(/^\s*\[\s*(?:profile\s+)?["']?([^\]"'\s]+)["']?\s*\]/gm)].map(
      ([, name]) => name!,
    ),
  );
  return [...new Set(names)].sort();
};

const textOf = (home: string, file: string) => {
  try {
    return readFileSync(file.includes("/") ? file : join(home, file), "utf8");
  } catch {
    return "";
  }
};
