import { secondsBetween } from "../clock/time.ts";
import { modeOf } from "../model/mode.ts";
import { rotationText } from "../points/rotation-tally.ts";
import type { Report } from "./facts.ts";

/** The report as Markdown: the result first, then why, then the evidence. */
export const reportText = (report: Report): string => {
  const parts = [
    `# ${report.application}: ${report.machine} ${report.outcome}`,
    summary(report),
    failure(report),
    report.moved ? section("Moved despite the failure", [report.moved]) : "",
    production(report),
    figures(report),
    copiesSection(report),
    rotationSection(report),
    section(
      "Decisions",
      report.decisions.map(({ at, action, code, because }) => `- ${at} ${action} · ${code} · ${because}`),
    ),
    section(
      "Servers",
      table(["resource", "server", "point", "instance", "slot", "address", "served at"], serverRows(report)),
    ),
    section("DNS", table(["record", "before", "after"], dnsRows(report))),
    section("Steps", table(["state", "of", "started", "seconds", "outcome"], stepRows(report))),
    section(
      "Warnings",
      report.warnings.map((warning) => `- ${warning}`),
    ),
  ];
  return parts.filter(Boolean).join("\n\n") + "\n";
};

const summary = ({ run, id, source, target, active, startedAt, endedAt, request, incident }: Report) =>
  [
    `- Run: ${run} (${id})`,
    `- From ${source} to ${target}; active Region at the end: ${active ?? "unknown"}`,
    `- ${startedAt} to ${endedAt}, started by ${request.by}${request.reason ? `: ${request.reason}` : ""}`,
    ...(incident ? [`- Incident ${incident.id}, first failing evidence ${incident.firstFailingAt}`] : []),
    ...(request.force ? ["- Started with force"] : []),
  ].join("\n");

const failure = ({ error }: Report) =>
  error ? `## Error\n\n${error.name}: ${error.message}${error.hint ? `\n\nNext: ${error.hint}` : ""}` : "";

const production = ({ unfence, source }: Report) => {
  if (!unfence) return "";
  const { stopped, because, hint } = unfence;
  const left = hint ? `Still fenced in ${source}` : `Started again in ${source}`;
  const title = stopped.length > 0 ? `Still stopped in ${source}` : left;
  return section(title, [because, ...(hint ? ["", `Next: ${hint}`] : [])]);
};

const figures = ({ rtoSeconds, rpoSeconds, lossSeconds, objectives, machine }: Report) => {
  const row = (name: string, value: number | null, objective: number) => [
    name,
    value === null ? "unknown" : `${value} s`,
    `${objective} s`,
    value === null ? "" : value <= objective ? "met" : "missed",
  ];
  const moved = modeOf({ machine }).movesTraffic;
  const rows = [
    ...(moved ? [row("RTO", rtoSeconds, objectives.rtoSeconds)] : []),
    row("RPO", rpoSeconds, objectives.rpoSeconds),
    ...(moved ? [row("Loss", lossSeconds, objectives.rpoSeconds)] : []),
  ];
  return section("Objectives", table(["", "achieved", "objective", ""], rows));
};

const serverRows = ({ servers }: Report) =>
  servers.map(({ resource, server, name, point, instance, slot, address, servedAt }) => [
    resource,
    name === server ? server : `${name} (${server})`,
    point,
    instance ?? "none",
    slot ?? "none",
    address ?? "none",
    servedAt ?? "never",
  ]);

const dnsRows = ({ dns }: Report) =>
  dns.map(({ name, type, before, after }) => [
    `${name} ${type}`,
    before.join(", "),
    after.join(", ") || "not verified",
  ]);

const stepRows = ({ steps }: Report) =>
  steps.map(({ state, subject, startedAt, endedAt, outcome }) => [
    state,
    subject,
    startedAt,
    String(Math.round(secondsBetween(startedAt, endedAt))),
    outcome,
  ]);

const copiesSection = ({ copies }: Report) =>
  copies
    ? section("Copies", [`${copies.copied} copied, ${copies.failed} failed, ${copies.left} left for the next pass`])
    : "";

/** The deletion plan and its result. */
const rotationSection = ({ rotation }: Report) => {
  if (!rotation) return "";
  const { points, rotated, finished, sourceless, waiting, strays } = rotation;
  const rows = points.map(({ id, pointAt, because, copies, sources }) => [
    id,
    pointAt ?? "unknown",
    because,
    String(copies),
    sources === null ? "no answer" : String(sources),
  ]);
  const further = rotated + finished + sourceless - points.length;
  return [
    section("Rotation", [rotationText(rotation)]),
    section("Deleted", [
      ...table(["point", "time", "because", "copies", "source snapshots"], rows),
      ...(further > 0 ? ["", `and ${further} more`] : []),
    ]),
    section(
      "Kept for now",
      waiting.map(({ point, because }) => `- ${point}: ${because}`),
    ),
    section(
      "Without a known point",
      strays.map((id) => `- ${id}`),
    ),
  ]
    .filter(Boolean)
    .join("\n\n");
};

const table = (head: string[], rows: string[][]) => {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return rows.length ? [line(head), line(head.map(() => "---")), ...rows.map(line)] : [];
};

const section = (title: string, lines: string[]) => (lines.length ? `## ${title}\n\n${lines.join("\n")}` : "");
