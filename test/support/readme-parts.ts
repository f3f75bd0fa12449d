import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { type RehearseOptions, rehearse } from "../../cli/rehearse.ts";
import { labelColumns } from "../../cli/summary.ts";
import { readMachines } from "../../infra/machines.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { wrapped } from "../../terminal/wrap.ts";
import { drawMachine } from "./machine-picture.ts";
import { terminalPicture } from "./rehearsal-picture.ts";
import { errorsMade, stepTable } from "./step-table.ts";

/** Page -> what stands there between `<!-- name -->` and `<!-- /name -->`. */
export const generatedParts = async (): Promise<Record<string, Record<string, string>>> => ({
  "docs/scenarios.md": { excerpt: fenced("", excerptOf(await startOutput(), 118).join("\n")) },
  "docs/invariants.md": { checks: checksTable(JSON.parse((await startOutput({ json: true })).join(""))) },
  "docs/architecture.md": {
    picture: fenced("mermaid", drawMachine(failover.definition)),
    table: `${asCode(await stepTable())}\n\nThe machines make one error themselves, when a loop has reached its bound: ${errorsMade()}.`,
  },
});

/** The README's picture: what `npm start` prints, as an SVG document. */
export const rehearsalPicture = async (): Promise<string> =>
  terminalPicture(excerptOf(await startOutput(), 104), 104, "What npm start prints: a simulated rehearsal");

/** A row for each invariant, with the names of its checks. */
const checksTable = ({ invariants }: { invariants: { name: string }[] }): string => {
  const checks = Map.groupBy(invariants, ({ name }) => Number.parseInt(name, 10));
  const rows = [...checks].map(([number, all]) => `| ${number} | ${all.map(({ name }) => `\`${name}\``).join(", ")} |`);
  return ["| invariant | checks |", "|---|---|", ...rows].join("\n");
};

/** Links to sources as code: the package holds the pages and not the sources. */
const asCode = (text: string) => text.replaceAll(/\[[^\]]+\]\((functions\/[^)]+)\)/g, "`$1`");
const failover = readMachines().find(({ name }) => name === "failover")!;
const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

/** What `npm start` prints without a terminal. */
const startOutput = async (change: Partial<RehearseOptions> = {}): Promise<string[]> => {
  const out = new PassThrough();
  const { plan } = readPlan(new URL("../../examples/web-shop.yml", import.meta.url).pathname);
  const options = {
    scenario: "primary-region-down",
    seed: 1,
    run: null,
    approveAfterSeconds: null,
    report: false,
    json: false,
    fast: false,
    ...change,
  };
  await rehearse(plan!, options, out as unknown as NodeJS.WriteStream);
  return stripVTControlCharacters(String(out.read())).split("\n");
};

const telling =
  /^(Lifeboat rehearsal|Virtual time|The scenario|Failover|T\S+ (fault|copied|ready|launching|recovered|not fenced|fenced|rerouted|users|decision: act|failover)|(DNS|Users|Fence|RTO|RPO|Loss|Data loss|Invariants|Outcome) )/;
/** Columns before the text of a line of news, and of the summary. */
const marginOf = (line: string) => (line.startsWith("T") ? 11 : labelColumns);

/** The telling lines, gone on below where they are longer than so many columns. */
const excerptOf = (lines: string[], columns: number): string[] =>
  lines.filter((line) => telling.test(line)).flatMap((line) => wrapped(line, columns, marginOf(line)));

/** A page with each part put in its place. Throws when it has no place for one. */
export const withParts = (page: string, parts: Record<string, string>): string =>
  Object.entries(parts).reduce((text, [name, part]) => {
    const place = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*?(?=<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`expected <!-- ${name} --> and <!-- /${name} -->`);
    return text.replace(place, () => `${part}\n`);
  }, page);
