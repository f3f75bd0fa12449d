import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isGoodStatus } from "../../../../functions/core/good-answer.ts";
import {
  judgeInitialized,
  judgeVerify,
  type Loading,
  probeCommand,
  urlOf,
  verifyTarget,
} from "../../../../functions/core/instances/launch/verify.ts";

const since = new Date("2026-03-02T12:00:00Z");
const at = (seconds: number) => new Date(since.getTime() + seconds * 1_000);

describe("judgeVerify", () => {
  it.each([
    [true, 599, "done", "Served", "healthy"],
    [true, 9_999, "done", "Served", "healthy"],
    [false, 599, "wait", "NotYet", "healthy, after 599 of 600 s"],
    [false, 600, "fail", "TooLate", "healthy, after 600 s; 600 s allowed"],
  ])("good %s after %i s: %s, %s", (good, seconds, action, code, because) => {
    const decision = judgeVerify({ good, because: "healthy" }, { since, now: at(seconds), withinSeconds: 600 });

    expect(decision).toEqual({ action, code, because });
  });
});

it.each([
  [199, false],
  [200, true],
  [302, true],
  [399, true],
  [400, false],
  [503, false],
])("HTTP %i is good: %s", (status, good) => {
  expect(isGoodStatus(status)).toBe(good);
});

describe("probeCommand", () => {
  it("probeCommand asks the server itself three times, and fails with the first bad answer", () => {
    const once = "curl --fail --silent --show-error --output /dev/null --max-time 5 'http://127.0.0.1:8080/healthz'";

    expect(probeCommand({ protocol: "http", port: 8080, path: "/healthz" })).toBe(`${once} && ${once} && ${once}`);
  });

  it("probeCommand asks for a page over TLS whoever its certificate names, and for an open port by a connection", () => {
    expect(probeCommand({ protocol: "https", port: 8443, path: "/" })).toContain(
      "curl --fail --silent --show-error --insecure --output /dev/null --max-time 5 'https://127.0.0.1:8443/'",
    );
    const once = "timeout 5 bash -c '</dev/tcp/127.0.0.1/5432'";
    expect(probeCommand({ protocol: "tcp", port: 5432, path: null })).toBe(`${once} && ${once} && ${once}`);
  });

  it("probeCommand leaves no way out of its quotes", () => {
    const line = probeCommand({ protocol: "http", port: 80, path: "/a'; echo broken; '$(echo broken)" });
    const said = execFileSync("sh", ["-c", `curl() { printf '%s\\n' "$@"; }; ${line}`], { encoding: "utf8" });

    expect(said.split("\n").filter((part) => part === "broken")).toEqual([]);
    expect(said).toContain("http://127.0.0.1:80/a%27; echo broken; %27$(echo broken)");
  });
});

describe("what a plan asks of a server", () => {
  it.each([
    [{ http: { port: 80, path: "/a" } }, "http://10.0.0.1:80/a"],
    [{ https: { port: 443, path: "/" } }, "https://10.0.0.1:443/"],
    [{ tcp: { port: 5432 } }, "tcp://10.0.0.1:5432"],
  ])("%j is %s", (how, url) => expect(urlOf(verifyTarget(how)!, "10.0.0.1")).toBe(url));
  it("a plan checks nothing of a server where the target group decides", () => expect(verifyTarget({})).toBeNull());
  it("stands in brackets at an IPv6 address", () =>
    expect(urlOf({ protocol: "tcp", port: 22, path: null }, "2001:db8::1")).toBe("tcp://[2001:db8::1]:22"));
});

describe("the volumes of a server", () => {
  it.each<[string, Loading[], boolean, string]>([
    ["none", [], true, "0 volumes are initialized"],
    ["whole", [{ volume: "vol-1", percent: 100 }], true, "1 volumes are initialized"],
    [
      "under way, or not told yet",
      [
        { volume: "vol-1", percent: 100 },
        { volume: "vol-2", percent: 7 },
        { volume: "vol-3", percent: null },
      ],
      false,
      "2 of 3 volumes are still initializing: vol-2 7 %, vol-3 not reported",
    ],
  ])("the volumes of a server are %s", (_, volumes, good, because) =>
    expect(judgeInitialized(volumes)).toEqual({ good, because }),
  );
});
