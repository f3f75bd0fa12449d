import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Expectation } from "../../../functions/core/traffic/dns.ts";
import { judgeInSync, privateLookups } from "../../../functions/core/traffic/private-dns.ts";

const expectation = (over: Partial<Expectation> = {}): Expectation => ({
  name: "db.shop.internal",
  type: "A",
  some: ["10.1.0.5"],
  never: ["10.0.0.5"],
  target: ["10.1.0.5"],
  ...over,
});

/** Runs the line in a shell whose getent says so. */
const run = (line: string, answers: string) => {
  const getent = `getent() { printf '${answers}'; }`;
  try {
    execFileSync("sh", ["-c", `${getent}; ${line}`], { encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
};

describe("the shell line for a server in the VPC", () => {
  const both = "10.1.0.5 STREAM db\\n10.1.0.5 DGRAM db\\n";
  it.each<[string, Partial<Expectation>, string, string]>([
    ["the wanted address", {}, both, ""],
    ["the old address", {}, "10.0.0.5 STREAM db\\n", "db.shop.internal: 10.0.0.5"],
    [
      "one of two is old",
      { some: ["10.1.0.5"] },
      "10.1.0.5 STREAM db\\n10.0.0.5 STREAM db\\n",
      "db.shop.internal: 10.0.0.5",
    ],
    ["no answer", {}, "", "db.shop.internal: no answer"],
    ["an unknown value that is not the old one", { some: null }, "10.9.9.9 STREAM db\\n", ""],
    [
      "the old one, where the new one is not known",
      { some: null },
      "10.0.0.5 STREAM db\\n",
      "db.shop.internal: 10.0.0.5",
    ],
    ["wherever a CNAME leads", { type: "CNAME", some: ["lb.example.net"] }, "10.9.9.9 STREAM db\\n", ""],
  ])("the shell line of %s", (_, over, answers, stderr) => {
    expect(run(privateLookups([expectation(over)]), answers)).toBe(stderr);
  });

  it("the shell line asks for addresses of the record's type, and for every record", () => {
    const line = privateLookups([
      expectation(),
      expectation({ type: "AAAA", some: ["fd00::5"] }),
      expectation({ type: "CNAME" }),
    ]);
    expect(line).toContain("lifeboat_dns ahostsv4 'db.shop.internal' '10.1.0.5' '10.0.0.5'");
    expect(line).toContain("lifeboat_dns ahostsv6 'db.shop.internal' 'fd00::5' '10.0.0.5'");
    expect(line).toContain("lifeboat_dns ahosts 'db.shop.internal' '' ''");
  });

  it("the shell line asks for a name under a wildcard: the resolver of a server takes no answer for the star itself", () => {
    expect(privateLookups([expectation({ name: "*.shop.internal" })])).toContain(
      " 'lifeboat.shop.internal' '10.1.0.5' ",
    );
  });

  it("the shell line lets no value out of its quotation marks", () => {
    const line = privateLookups([expectation({ some: ["'; touch /x; '"] })]);
    expect(line).toContain("'db.shop.internal' '; touch /x; '");
  });
});

describe("without a server to ask", () => {
  it.each([
    [true, 5, true, "INSYNC", "private zones: Route 53 says INSYNC; none"],
    [false, 500, false, "INSYNC", "private zones: Route 53 says PENDING"],
    [null, 5, false, "unverified", "private zones: not verified, Route 53 returned no INSYNC status; none"],
    [null, 60, true, "unverified", "private zones: not verified, Route 53 returned no INSYNC status; none"],
  ])("and in sync = %s after %d s", (inSync, seconds, done, how, because) => {
    expect(judgeInSync(inSync, seconds, "none")).toEqual({ done, how, because });
  });
});
