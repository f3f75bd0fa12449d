import type { Command } from "commander";
import { knownRegions } from "../functions/core/region-names.ts";
import { scenarioNames } from "../simulator/scenario/text.ts";
import { UsageError } from "../terminal/output.ts";

/** A command as a shell completes it. `values`: what an option takes, [] for any word, null for a switch. */
type Completed = { name: string; says: string; options: { flag: string; says: string; values: string[] | null }[] };

/** What these options take, for every command. A scenario may be a file, too. */
const known: Record<string, () => string[]> = {
  "--region": () => knownRegions,
  "--primary": () => knownRegions,
  "--recovery": () => knownRegions,
  "--scenario": scenarioNames,
};

const treeOf = (commands: Command): Completed[] =>
  commands.commands.map((command) => ({
    name: command.name(),
    says: command.description(),
    options: [
      ...command.options.map(({ long, required, description, argChoices }) => ({
        flag: long ?? "",
        says: description,
        values: known[long ?? ""]?.() ?? (required ? (argChoices ?? []) : null),
      })),
      { flag: "--help", says: "show its options", values: null },
    ],
  }));

/** In single quotes for any of the three shells; within them no quote and no backslash. */
const quoted = (text: string) => `'${text.replace(/['\\]/g, "")}'`;
/** Brackets and colons are zsh's own in a specification. */
const plainly = (text: string) => text.replace(/[[\]:'\\]/g, " ");

const bash = (tree: Completed[]) => [
  "_lifeboat() {",
  '  local word="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}" words=""',
  `  if [ "$COMP_CWORD" -eq 1 ]; then words=${quoted(tree.map(({ name }) => name).join(" "))}`,
  '  else case "${COMP_WORDS[1]}" in',
  ...tree.map(({ name, options }) => `    ${name}) words=${quoted(options.map(({ flag }) => flag).join(" "))} ;;`),
  "  esac fi",
  `  if [[ "$last" =~ ^--(region|primary|recovery)$ ]]; then COMPREPLY=($(compgen -W ${quoted(knownRegions.join(" "))} -- "$word"))`,
  `  elif [ "$last" = --scenario ]; then COMPREPLY=($(compgen -f -W ${quoted(scenarioNames().join(" "))} -- "$word"))`,
  '  elif [ "$COMP_CWORD" -eq 1 ] || [ "${word#-}" != "$word" ]; then COMPREPLY=($(compgen -W "$words" -- "$word"))',
  '  else COMPREPLY=($(compgen -f -- "$word")); fi',
  "}",
  "complete -o filenames -F _lifeboat lifeboat",
];

const zsh = (tree: Completed[]) => [
  "#compdef lifeboat",
  "_lifeboat() {",
  "  local -a commands=(",
  ...tree.map(({ name, says }) => `    ${quoted(`${name}:${plainly(says)}`)}`),
  "  )",
  "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
  "  shift words; (( CURRENT-- ))",
  '  case "$words[1]" in',
  ...tree.map(({ name, options }) => {
    const specs = options.map(({ flag, says, values }) => {
      const value = values === null ? "" : `:value:${values.length > 0 ? `(${values.join(" ")})` : ""}`;
      return quoted(`${flag}[${plainly(says)}]${value}`);
    });
    return `    ${name}) _arguments ${specs.join(" ")} '*:file:_files' ;;`;
  }),
  "  esac",
  "}",
  "compdef _lifeboat lifeboat",
];

const fish = (tree: Completed[]) =>
  tree.flatMap(({ name, says, options }) => [
    `complete -c lifeboat -f -n __fish_use_subcommand -a ${name} -d ${quoted(says)}`,
    ...options.map(({ flag, says: what, values }) => {
      const value = values === null ? "" : values.length > 0 ? ` -x -a ${quoted(values.join(" "))}` : " -r";
      const within = quoted(`__fish_seen_subcommand_from ${name}`);
      return `complete -c lifeboat -n ${within} -l ${flag.slice(2)}${value} -d ${quoted(what)}`;
    }),
  ]);

const shells: Record<string, (tree: Completed[]) => string[]> = { bash, zsh, fish };

/** What a shell is told of every command and option that there is; throws UsageError for another shell. */
export const completionOf = (shell: string, commands: Command): string[] => {
  const lines = shells[shell];
  if (lines) return lines(treeOf(commands));
  throw new UsageError(
    `expected a shell: bash, zsh or fish (got ${shell})`,
    "docs/install.md explains where to put it",
  );
};
