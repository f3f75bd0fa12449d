import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { lookupScript, probeScript } from "../../../functions/core/servers/script.ts";

const page = { protocol: "http" as const, port: 8080, path: "/healthz" };

describe("a script for a server", () => {
  it("runs in the shell that its platform has", () => {
    expect(probeScript(page, "Linux")).toMatchObject({
      document: "AWS-RunShellScript",
      line: expect.stringMatching(/; until curl --fail .+ && curl .+ && curl .+; do /),
    });
    expect(probeScript(page, "MacOS").document).toBe("AWS-RunShellScript");
    expect(probeScript(page, "Windows").document).toBe("AWS-RunPowerShellScript");
    expect(lookupScript([], "Linux").document).toBe("AWS-RunShellScript");
    expect(lookupScript([], "Windows").document).toBe("AWS-RunPowerShellScript");
  });

  it("a script for a server asks three times in PowerShell as in the shell, follows no redirect, and fails with the reason", () => {
    expect(probeScript(page, "Windows").line).toBe(
      "$ErrorActionPreference = 'Stop'; try { $end = (Get-Date).AddSeconds(20); while ($true) { try { " +
        "foreach ($n in 1..3) { $r = [Net.WebRequest]::Create('http://127.0.0.1:8080/healthz'); " +
        "$r.Timeout = 5000; $r.AllowAutoRedirect = $false; $r.GetResponse().Close() }; break } " +
        "catch { if ((Get-Date) -ge $end) { throw }; Start-Sleep 1 } } } " +
        "catch { [Console]::Error.WriteLine($_.Exception.Message); exit 1 }",
    );
  });

  it("a script for a server asks in the shell until the server answers, and gives up after a time", () => {
    const { line } = probeScript(page, "Linux");
    const run = (good: string) => {
      const stubs = `n=0; curl() { n=$((n + 1)); echo asked; [ $n -ge ${good} ]; }; date() { echo $((n * 3)); }; sleep() { :; }`;
      return spawnSync("sh", ["-c", `${stubs}; ${line}`], { encoding: "utf8" });
    };
    expect([run("4").status, run("4").stdout.split("asked").length - 1]).toEqual([0, 6]);
    expect([run("99").status, run("99").stdout.split("asked").length - 1]).toEqual([1, 7]);
  });

  it("opens a port, or takes a certificate of another name", () => {
    expect(probeScript({ protocol: "tcp", port: 1433, path: null }, "Windows").line).toContain(
      "if (-not $c.ConnectAsync('127.0.0.1', 1433).Wait(5000)) { throw 'no answer within 5 s' }",
    );
    expect(probeScript({ ...page, protocol: "https" }, "Windows").line).toContain(
      "ServerCertificateValidationCallback = { $true }; $end",
    );
  });

  it("a script for a server lets no quote out of a path or a name", () => {
    expect(probeScript({ ...page, path: "/'; exit 0; '" }, "Windows").line).toContain(
      "Create('http://127.0.0.1:8080/%27; exit 0; %27')",
    );
    const name = { name: "a'b.internal", type: "A" as const, some: ["10.0.0.1"], never: ["10.1.0.1"], target: null };
    expect(lookupScript([name], "Windows").line).toContain(
      "; Lifeboat-Dns 'InterNetwork' 'ab.internal' @('10.0.0.1') @('10.1.0.1') }",
    );
  });

  it("looks names up by their type, and judges a CNAME by nothing but that it leads somewhere", () => {
    const one = { some: ["10.0.0.1"], never: [], target: null };
    const { line } = lookupScript(
      [
        { ...one, name: "*.shop.internal", type: "AAAA" },
        { ...one, name: "db.shop.internal", type: "CNAME" },
      ],
      "Windows",
    );
    expect(line).toContain("Lifeboat-Dns 'InterNetworkV6' 'lifeboat.shop.internal' @('10.0.0.1') @()");
    expect(line).toContain("Lifeboat-Dns 'any' 'db.shop.internal' @() @()");
  });
});
