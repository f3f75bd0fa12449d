import { goodInARow } from "../good-answer.ts";
import { type Target, urlOf } from "../instances/launch/verify.ts";
import type { Expectation } from "../traffic/dns.ts";

/** What PowerShell takes literally, in single quotes. */
const quoted = (text: string) => `'${text.replaceAll("'", "")}'`;

/** Runs to its end, or fails with the reason alone: without it an error would leave the exit code at 0. */
const failing = (body: string) =>
  `$ErrorActionPreference = 'Stop'; try { ${body} } catch { [Console]::Error.WriteLine($_.Exception.Message); exit 1 }`;

/** As `probeScript`, for PowerShell 5.1, which every Windows Server since 2016 has; it knows no curl. */
export const powerShellProbe = (target: Target, askingSeconds: number): string => {
  const url = quoted(urlOf(target, "127.0.0.1").replaceAll("'", "%27"));
  const settings =
    target.protocol === "https"
      ? "[Net.ServicePointManager]::SecurityProtocol = 3072; [Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }; "
      : "";
  const ask =
    target.path === null
      ? `$c = New-Object Net.Sockets.TcpClient; if (-not $c.ConnectAsync('127.0.0.1', ${target.port}).Wait(5000)) { throw 'no answer within 5 s' }; $c.Close()`
      : `$r = [Net.WebRequest]::Create(${url}); $r.Timeout = 5000; $r.AllowAutoRedirect = $false; $r.GetResponse().Close()`;
  const asked = `foreach ($n in 1..${goodInARow}) { ${ask} }; break`;
  return failing(
    `${settings}$end = (Get-Date).AddSeconds(${askingSeconds}); while ($true) { try { ${asked} } catch { if ((Get-Date) -ge $end) { throw }; Start-Sleep 1 } }`,
  );
};

const lookUp =
  "function Lifeboat-Dns($kind, $name, $some, $never) { " +
  '$got = @([Net.Dns]::GetHostAddresses($name) | Where-Object { $kind -eq \'any\' -or "$($_.AddressFamily)" -eq $kind } | ForEach-Object { "$_" } | Sort-Object -Unique); ' +
  'if (-not $got) { throw "${name}: no answer" }; foreach ($one in $got) { if ($never -contains $one) { throw "${name}: $one" } }; ' +
  'if ($some -and -not ($got | Where-Object { $some -contains $_ })) { throw "${name}: $($got[-1])" } }';

const kinds: Record<string, string> = { A: "InterNetwork", AAAA: "InterNetworkV6" };

/** As `privateLookups`, for PowerShell: Windows asks through its own resolver, as its programs do. */
export const powerShellLookups = (expectations: Expectation[]): string => {
  const list = (values: string[]) => `@(${values.map(quoted).join(", ")})`;
  const calls = expectations.map(({ name, type, some, never }) => {
    const [wanted, refused] = type === "CNAME" ? [[], []] : [some ?? [], never];
    const host = quoted(name.replace(/^\*/, "lifeboat"));
    return `Lifeboat-Dns ${quoted(kinds[type] ?? "any")} ${host} ${list(wanted)} ${list(refused)}`;
  });
  return failing([lookUp, ...calls].join("; "));
};
