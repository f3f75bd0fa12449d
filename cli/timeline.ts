import type { ServerState } from "../functions/core/server.ts";
import type { Moment } from "../simulator/story.ts";
import { offset, type Paint } from "./format.ts";

/** How far a server is: the share of its bar. */
const shares: Record<ServerState, number> = {
  wanted: 0,
  launched: 0.25,
  running: 0.5,
  attached: 0.75,
  served: 1,
  lost: -1,
};
const barWidth = 24;
const newsMax = 14;

/** A live view on a terminal: the virtual clock, the news, a bar per server. Redrawn in place, so never higher than the screen. */
export const liveTimeline = (out: NodeJS.WriteStream, title: string, paint: Paint) => {
  let zero: number | null = null;
  let drawn = 0;
  let state = "";
  const news: string[] = [];
  const servers = new Map<string, number>();

  const draw = (now: number) => {
    const [width, height] = [out.columns || 100, (out.rows || 40) - 1];
    const clock = zero === null ? new Date(now).toISOString() : offset(now, zero);
    const head = [paint.bold(title), `${paint.cyan(clock)}  ${state}`];
    const bars = [...servers]
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([name, share]) => bar(name, share, paint))
      .slice(0, Math.max(0, height - head.length));
    const room = Math.min(newsMax, height - head.length - bars.length);
    const lines = [...head, ...(room > 0 ? news.slice(-room) : []), ...bars];
    out.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ""}${lines.map((line) => `\x1b[2K${cut(line, width)}`).join("\n")}\n\x1b[J`,
    );
    drawn = lines.length;
  };

  const hear = (moment: Moment) => {
    if (moment.kind === "zero") zero = moment.at;
    if (moment.kind === "step") {
      state = `${moment.execution.machine}: ${moment.invocation.state}`;
      for (const { name, state: reached } of moment.servers ?? []) servers.set(name, shares[reached]);
    }
    const line = lineOf(moment, zero, paint);
    if (line) news.push(line);
    draw(moment.at);
  };
  return { hear, draw };
};

/** One line of news, or null for what only the bars show. */
export const lineOf = (moment: Moment, zero: number | null, paint: Paint): string | null => {
  const at = zero === null ? new Date(moment.at).toISOString().slice(11, 19) : offset(moment.at, zero);
  if (moment.kind === "zero") return `${at} time 0`;
  if (moment.kind === "point") return `${at} ${moment.text}`;
  if (moment.kind === "fault") return `${at} ${paint.red(`fault: ${moment.text}`)}`;
  if (moment.kind === "person") return `${at} ${paint.cyan(`person: ${moment.text}`)}`;
  if (moment.kind === "decision") {
    const { action, code, because } = moment.decision;
    return `${at} decision: ${action} · ${code} · ${because}`;
  }
  if (moment.kind === "run") {
    const { machine, name, status } = moment.execution;
    return machine === "failover" || name.endsWith("-by-hand") ? `${at} ${machine} ${name}: ${status}` : null;
  }
  return null;
};

const bar = (name: string, share: number, paint: Paint) => {
  if (share < 0) return `  ${name.padEnd(14)} ${paint.red("failed")}`;
  const full = Math.round(share * barWidth);
  const text = "█".repeat(full) + "░".repeat(barWidth - full);
  return `  ${name.padEnd(14)} ${share === 1 ? paint.green(text) : text}`;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes have no width
const parts = /(\x1b\[\d+m)|./gsu;
const cut = (line: string, width: number) => {
  let left = width;
  let kept = "";
  for (const [part, code] of line.matchAll(parts)) {
    if (!code && --left < 0) return `${kept.slice(0, -1)}…${line.includes("\x1b") ? "\x1b[0m" : ""}`;
    kept += part;
  }
  return line;
};
