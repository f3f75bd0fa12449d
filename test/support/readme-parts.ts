import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { rehearse } from "../../cli/rehearse.ts";
import { labelColumns } from "../../cli/summary.ts";
import { readMachines } from "../../infra/machines.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { wrapped } from "../../terminal/wrap.ts";
import { drawMachine } from "./machine-picture.ts";
import { errorsMade, stepTable } from "./step-table.ts";

/** File -> what stands there between `<!-- name -->` and `<!-- /name -->`. */
export const generatedParts = async (): Promise<Record<string, Record<string, string>>> => ({
  "README.md": { excerpt: fenced("", excerptOf(await startOutput())) },
  "docs/architecture.md": {
    picture: fenced("mermaid", drawMachine(failover.definition)),
    table: `${(await stepTable()).replaceAll("](functions/", "](../functions/")}\n\nThe machines make one error themselves, when a loop has reached its bound: ${errorsMade()}.`,
  },
});

const failover = readMachines().find(({ name }) => name === "failover")!;
const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

/** What `npm start` prints without a terminal. */
const startOutput = async (): Promise<string[]> => {
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
  };
  await rehearse(plan!, options, out as unknown as NodeJS.WriteStream);
  return stripVTControlCharacters(String(out.read())).split("\n");
};

const columns = 118;
const telling =
  /^(Lifeboat rehearsal|Virtual time|The scenario|Failover|T\S+ (fault|copied|ready|launching|recovered|not fenced|fenced|rerouted|users|decision: act|failover)|(DNS|Users|Fence|RTO|RPO|Loss|Laws|Outcome) )/;
/** Columns before the text of a line of news, and of the summary. */
const marginOf = (line: string) => (line.startsWith("T") ? 11 : labelColumns);

/** The telling lines, gone on below where they are long. */
const excerptOf = (lines: string[]): string =>
  lines
    .filter((line) => telling.test(line))
    .flatMap((line) => wrapped(line, columns, marginOf(line)))
    .join("\n");

/** A page with each part put in its place. Throws when it has no place for one. */
export const withParts = (page: string, parts: Record<string, string>): string =>
  Object.entries(parts).reduce((text, [name, part]) => {
    const place = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*?(?=<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`expected <!-- ${name} --> and <!-- /${name} -->`);
    return text.replace(place, () => `${part}\n`);
  }, page);
