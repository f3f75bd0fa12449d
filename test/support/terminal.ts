/** A terminal of `columns` x `rows` that keeps what it shows, and every control code that it got. */
export const aTerminal = ({ columns = 80, rows = 24, isTTY = true } = {}) => {
  const lines: string[] = [""];
  const codes: string[] = [];
  let row = 0;
  let column = 0;
  let widest = 0;
  let top = 0;
  const put = (character: string) => {
    const line = lines[row] ?? "";
    lines[row] = line.slice(0, column).padEnd(column) + character + line.slice(column + 1);
    widest = Math.max(widest, ++column);
  };
  const control = (code: string, count: number) => {
    codes.push(code);
    if (code === "A") row = Math.max(top, row - count);
    if (code === "K") lines[row] = "";
    if (code === "J") lines.splice(row, lines.length, (lines[row] ?? "").slice(0, column));
  };
  let text = "";
  const write = (chunk: string) => {
    text += chunk;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal is told by
    for (const [part, count, code] of chunk.matchAll(/\x1b\[(\d*)([A-Za-z])|./gsu)) {
      if (code) control(code, Number(count || 1));
      else if (part === "\n") {
        row++;
        column = 0;
        lines[row] ??= "";
        // what scrolls off the screen can never be reached again
        top = Math.max(top, row - rows + 1);
      } else if (part === "\r") column = 0;
      else put(part);
    }
    return true;
  };
  const stream = { isTTY, columns, rows, write } as unknown as NodeJS.WriteStream;
  return { stream, screen: () => lines.join("\n"), text: () => text, codes: () => codes, widest: () => widest };
};
