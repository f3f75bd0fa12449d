import type { Expectation } from "./dns.ts";

/** Every name of a private zone is looked up; an answer of the other side, or none of the expected one, is printed and ends the command. */
const lookUp =
  'lifeboat_dns() { got=$(getent "$1" "$2" | cut -d" " -f1 | sort -u); [ -n "$got" ] || { echo "$2: no answer" >&2; exit 1; }; ' +
  'hit=$3; for one in $got; do case " $4 " in *" $one "*) echo "$2: $one" >&2; exit 1;; esac; ' +
  'case " $3 " in *" $one "*) hit=;; esac; done; [ -z "$hit" ] || { echo "$2: $one" >&2; exit 1; }; }';

/**
 * A shell line for a server in the VPC: it succeeds when every private name answers as expected there. getent asks as the
 * server's own programs do; it gives addresses, so that a CNAME is judged by nothing but that it leads somewhere.
 */
export const privateLookups = (expectations: Expectation[]): string => {
  const calls = expectations.map(({ name, type, some, never }) => {
    const [wanted, refused] = type === "CNAME" ? [[], []] : [some ?? [], never];
    const how = type === "AAAA" ? "ahostsv6" : type === "A" ? "ahostsv4" : "ahosts";
    // glibc takes no answer for a name with a star in it
    const host = quoted(name.replace(/^\*/, "lifeboat"));
    return `lifeboat_dns ${how} ${host} ${quoted(wanted.join(" "))} ${quoted(refused.join(" "))}`;
  });
  return [lookUp, ...calls].join("; ");
};

const quoted = (text: string) => `'${text.replaceAll("'", "")}'`;

/** Seconds after which a change without a status has reached every name server as a rule. [SDK Route53: GetChange] */
const usuallySeconds = 60;

/** How private zones were verified: from inside the VPC, by the status of Route 53, or not at all. */
export type PrivateHow = "vpc" | "INSYNC" | "unverified";
export type PrivatePoll = { done: boolean; how: PrivateHow; because: string };

/** Without a server to ask: `inSync` is null when Route 53 returns no status. `elapsedSeconds` since the records changed. */
export const judgeInSync = (inSync: boolean | null, elapsedSeconds: number, why: string): PrivatePoll => {
  if (inSync) return { done: true, how: "INSYNC", because: `private zones: Route 53 says INSYNC; ${why}` };
  if (inSync === false) return { done: false, how: "INSYNC", because: "private zones: Route 53 says PENDING" };
  const because = `private zones: not verified, Route 53 returned no INSYNC status; ${why}`;
  return { done: elapsedSeconds >= usuallySeconds, how: "unverified", because };
};
