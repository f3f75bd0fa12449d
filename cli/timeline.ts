import pc from "picocolors";
import type { Moment } from "../simulator/story.ts";
import { offset } from "./format.ts";

/** States that a server passes, in order: the length of its bar. */
const stations = ["Launch", "CheckProgress", "Attach", "Verify"];
const barWidth = 24;
const newsMax = 14;

/** A live view on a terminal: the virtual clock, the news, a bar per server. Redrawn in place. */
export const liveTimeline = (out: NodeJS.WriteStream, title: string) => {
  let zero: number | null = null;
  let drawn = 0;
  let state = "";
  const news: string[] = [];
  const servers = new Map<string, number>();

  const draw = (now: number) => {
    const bars = [...servers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, share]) => bar(name, share));
    const clock = zero === null ? new Date(now).toISOString() : offset(now, zero);
    const lines = [pc.bold(title), `${pc.cyan(clock)}  ${state}`, ...news.slice(-newsMax), ...bars];
    const width = out.columns || 100;
    out.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ""}${lines.map((line) => `\x1b[2K${cut(line, width)}`).join("\n")}\n\x1b[J`,
    );
    drawn = lines.length;
  };

  const hear = (moment: Moment) => {
    if (moment.kind === "zero") zero = moment.at;
    if (moment.kind === "step") {
      const { state: name, subject, outcome } = moment.invocation;
      if (!subject) state = `${moment.execution.machine}: ${name}`;
      const station = stations.indexOf(name);
      if (subject && station >= 0) servers.set(subject, outcome === "ok" ? (station + 1) / stations.length : -1);
    }
    const line = lineOf(moment, zero);
    if (line) news.push(line);
    draw(moment.at);
  };
  return { hear, draw };
};

/** One line of news, or null for what only the bars show. */
export const lineOf = (moment: Moment, zero: number | null): string | null => {
  const at = zero === null ? new Date(moment.at).toISOString().slice(11, 19) : offset(moment.at, zero);
  if (moment.kind === "zero") return `${at} time 0`;
  if (moment.kind === "point") return `${at} ${moment.text}`;
  if (moment.kind === "fault") return `${at} ${pc.red(`fault: ${moment.text}`)}`;
  if (moment.kind === "decision") {
    const { action, code, because } = moment.decision;
    return `${at} decision: ${action} · ${code} · ${because}`;
  }
  if (moment.kind === "run") {
    const { machine, name, status } = moment.execution;
    return machine === "failover" ? `${at} ${machine} ${name}: ${status}` : null;
  }
  return null;
};

const bar = (name: string, share: number) => {
  if (share < 0) return `  ${name.padEnd(14)} ${pc.red("failed")}`;
  const full = Math.round(share * barWidth);
  const text = "█".repeat(full) + "░".repeat(barWidth - full);
  return `  ${name.padEnd(14)} ${share === 1 ? pc.green(text) : text}`;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes have no width
const codes = /\x1b\[\d+m/g;
const cut = (line: string, width: number) => {
  const surplus = line.replace(codes, "").length - width;
  return surplus > 0 ? line.slice(0, line.length - surplus - 1) + "\x1b[0m" : line;
};
