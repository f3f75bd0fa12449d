/** The shell and PowerShell lines that Lifeboat sends through Systems Manager, and what an instance answers. */

import { ask, vpcResolver } from "../dns/dns.ts";
import type { World } from "../kernel.ts";

const untilGood =
  /^end=\$\(\(\$\(date \+%s\) \+ (\d+)\)\); until (.+); do \[ \$\(date \+%s\) -lt \$end \] \|\| exit 1; sleep 1; done$/;

/** For how long a line asks again until it succeeds, seconds; 0 = it asks once. */
export const askingSecondsOf = (line: string) =>
  Number(line.match(untilGood)?.[1] ?? line.match(/\(Get-Date\)\.AddSeconds\((\d+)\)/)?.[1] ?? 0);

/** curl against the instance itself, or a port of it that is opened. */
export const isProbe = (line: string) =>
  (line.match(untilGood)?.[2] ?? line)
    .split("&&")
    .every((part) =>
      /^\s*(curl\s.*https?:\/\/(127\.0\.0\.1|localhost)[:/]|timeout \d+ bash -c '<\/dev\/tcp\/127\.0\.0\.1\/\d+'\s*$)/.test(
        part,
      ),
    );

/** Names looked up by getent, each with the values one of which must be in what it says, and those that must not. */
const lookUps = /lifeboat_dns (ahosts(?:v4|v6)?) '([^']*)' '([^']*)' '([^']*)'/g;
export const isLookUp = (line: string) => lookUpsOf(line).length > 0;

/** The same for Windows: functions/core/servers/power-shell.ts. */
const powerShellLookUps = /Lifeboat-Dns '(InterNetwork|InterNetworkV6|any)' '([^']*)' @\(([^)]*)\) @\(([^)]*)\)/g;
export const isPowerShellLine = (line: string) =>
  /\[Net\.WebRequest\]::Create\('https?:\/\/127\.0\.0\.1:|ConnectAsync\('127\.0\.0\.1', \d+\)/.test(line) ||
  isLookUp(line);

type Lookup = { type: "A" | "AAAA"; name: string; wanted: string[]; refused: string[] };
const lookUpsOf = (line: string): Lookup[] => [
  ...[...line.matchAll(lookUps)].map(([, how, name = "", wanted = "", refused = ""]) => ({
    type: how === "ahostsv6" ? ("AAAA" as const) : ("A" as const),
    name,
    wanted: wanted.split(" ").filter(Boolean),
    refused: refused.split(" "),
  })),
  ...[...line.matchAll(powerShellLookUps)].map(([, kind, name = "", wanted = "", refused = ""]) => ({
    type: kind === "InterNetworkV6" ? ("AAAA" as const) : ("A" as const),
    name,
    wanted: listed(wanted),
    refused: listed(refused),
  })),
];
const listed = (text: string) => [...text.matchAll(/'([^']*)'/g)].map(([, value = ""]) => value);

/** What the line ends with: the first name that answers otherwise, or "". */
export const lookUp = (world: World, line: string): string => {
  for (const { type, name, wanted, refused } of lookUpsOf(line)) {
    const answer = ask(world, { name, type, server: vpcResolver });
    if ("error" in answer) return `${name}: no answer`;
    const among = (list: string[]) => answer.values.find((value) => list.includes(value));
    const bad = among(refused) ?? (wanted.length && !among(wanted) ? answer.values.at(-1) : undefined);
    if (bad) return `${name}: ${bad}`;
  }
  return "";
};
