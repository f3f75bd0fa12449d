import type { Server, ServerState } from "../functions/core/model/server.ts";
import type { Paint } from "../terminal/format.ts";

/** How far a server is: the share of its bar, and the word for it. */
const shares: Record<ServerState, [number, string]> = {
  wanted: [0, "waits"],
  launched: [0.25, "launched"],
  running: [0.5, "runs"],
  attached: [0.75, "verifying"],
  served: [1, "serves"],
  lost: [0, "failed"],
};
const barWidth = 24;

/** A heading per wave that has begun, and a bar for each of its servers until all of them serve; at most `room` lines. */
export const barsOf = (servers: Server[], room: number, paint: Paint): string[] => {
  const waves = [...new Set(servers.map(({ wave }) => wave))].sort((a, b) => a - b);
  const lines = waves.flatMap((wave) => {
    const own = servers.filter((server) => server.wave === wave);
    if (own.every(({ state }) => state === "wanted") && wave > 0) return [];
    const good = own.filter(({ state }) => state === "served").length;
    const names = [...new Set(own.map(({ resource }) => resource))].join(", ");
    const share = own.reduce((sum, { state }) => sum + shares[state][0], 0) / own.length;
    const heading = `wave ${wave + 1} of ${waves.length}: ${names}, ${good} of ${own.length} serve, ${Math.floor(share * 100)} %`;
    return good === own.length ? [paint.green(heading)] : [paint.bold(heading), ...own.sort(byName).map(bar(paint))];
  });
  if (lines.length <= room) return lines;
  return room < 1 ? [] : [...lines.slice(0, room - 1), `  … and ${lines.length - room + 1} lines more`];
};

const byName = (a: Server, b: Server) => a.name.localeCompare(b.name, "en", { numeric: true });

const bar =
  (paint: Paint) =>
  ({ name, state }: Server) => {
    const [share, word] = shares[state];
    const full = Math.round(share * barWidth);
    const text = `${"█".repeat(full)}${"░".repeat(barWidth - full)} ${word}`;
    return `  ${name.padEnd(14)} ${state === "lost" ? paint.red(text) : state === "served" ? paint.green(text) : text}`;
  };
