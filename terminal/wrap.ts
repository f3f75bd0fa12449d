// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes have no width
const characters = /(\x1b\[\d+m)|./gsu;

/** A line as lines of at most `width` columns, broken where words end; those that follow begin with `indent` spaces. A longer word is broken. */
export const wrapped = (line: string, width: number, indent = 0): string[] => {
  const room = Math.max(1, width);
  const margin = " ".repeat(Math.min(indent, room - 1));
  const lines: string[] = [];
  let current = "";
  for (const word of line.match(/ *[^ ]+/g) ?? []) {
    if (columnsOf(current + word) <= room) {
      current += word;
      continue;
    }
    if (current.trim()) lines.push(current);
    let rest = (current.trim() ? margin : current) + (current.trim() ? word.trimStart() : word);
    while (columnsOf(rest) > room) {
      const kept = firstColumns(rest, room);
      lines.push(kept);
      rest = margin + rest.slice(kept.length);
    }
    current = rest;
  }
  return [...lines, current];
};

/** The line, or its beginning and `…` where it is wider. */
export const cut = (line: string, width: number) =>
  columnsOf(line) <= width
    ? line
    : `${firstColumns(line, Math.max(0, width - 1))}…${line.includes("\x1b") ? "\x1b[0m" : ""}`;

/** Columns that a line takes on a terminal. */
export const columnsOf = (line: string) => [...line.matchAll(characters)].filter(([, code]) => !code).length;

const firstColumns = (line: string, columns: number) => {
  let left = columns;
  let kept = "";
  for (const [part, code] of line.matchAll(characters)) {
    if (!code && --left < 0) break;
    kept += part;
  }
  return kept;
};
