import type { Expectation } from "./dns.ts";
import { powerShellLookups, powerShellProbe } from "./power-shell.ts";
import { privateLookups } from "./private-dns.ts";
import { probeCommand, type Target } from "./verify.ts";

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

/** Succeeds when the server itself answers well three times in a row. */
export const probeScript = (target: Target, platform: string): Script =>
  scriptFor(
    platform,
    () => probeCommand(target),
    () => powerShellProbe(target),
  );

/** Succeeds when every private name answers there as expected. */
export const lookupScript = (expectations: Expectation[], platform: string): Script =>
  scriptFor(
    platform,
    () => privateLookups(expectations),
    () => powerShellLookups(expectations),
  );
