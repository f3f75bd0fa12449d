import { probeCommand, type Target } from "../instances/launch/verify.ts";
import type { Expectation } from "../traffic/dns.ts";
import { privateLookups } from "../traffic/private-dns.ts";
import { powerShellLookups, powerShellProbe } from "./power-shell.ts";

/**
 * A line for a server's own shell, and the document that runs it: SendCommand refuses AWS-RunShellScript for Windows with
 * UnsupportedPlatformType. [SDK SSM: SendCommand]
 */
export type Script = { document: "AWS-RunShellScript" | "AWS-RunPowerShellScript"; line: string };

/** Platforms are what Systems Manager says of its nodes: Windows, Linux, MacOS. [SDK SSM: PlatformType] */
const scriptFor = (platform: string, shell: () => string, powerShell: () => string): Script =>
  platform === "Windows"
    ? { document: "AWS-RunPowerShellScript", line: powerShell() }
    : { document: "AWS-RunShellScript", line: shell() };

/** So long a server asks itself before it says no: shorter than a command may take (functions/aws/ssm.ts). */
export const askingSeconds = 20;

/**
 * Succeeds as soon as the server itself answers well three times in a row: a command on its way takes seconds, so that one a try
 * would come late.
 */
export const probeScript = (target: Target, platform: string): Script =>
  scriptFor(
    platform,
    () =>
      `end=$(($(date +%s) + ${askingSeconds})); until ${probeCommand(target)}; do [ $(date +%s) -lt $end ] || exit 1; sleep 1; done`,
    () => powerShellProbe(target, askingSeconds),
  );

/** Succeeds when every private name answers there as expected. */
export const lookupScript = (expectations: Expectation[], platform: string): Script =>
  scriptFor(
    platform,
    () => privateLookups(expectations),
    () => powerShellLookups(expectations),
  );
