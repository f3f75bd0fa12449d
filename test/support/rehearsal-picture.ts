/** A line's colour is that of the first pattern that it matches; a line that goes on from the one above keeps its colour. */
const colours: [pattern: RegExp, colour: string][] = [
  [/^(T\S+ fault:|T\S+ users: nobody)/, "#ff7b72"],
  [/^(T\S+ (not fenced|loss):|Fence .*did not answer)/, "#e3b341"],
  [/^T\S+ decision:/, "#d2a8ff"],
  [
    /^(T\S+ (recovered|copied|fenced|rerouted|users: served|failover .*succeeded)|Outcome +succeeded|(RTO|RPO|\w+ ?loss|Loss) .* met )/i,
    "#7ee787",
  ],
  [/^(Lifeboat|The scenario|Failover|Virtual time)/, "#ffffff"],
];
const plain = "#c9d1d9";
const [fontSize, columnWidth, lineHeight, margin] = [13, 7.83, 19, 18];

/** Lines of a terminal of so many columns as an SVG document: plain text elements, so that it needs no font and no script. */
export const terminalPicture = (lines: string[], columns: number, title: string): string => {
  const [width, height] = [Math.ceil(columns * columnWidth) + 2 * margin, lines.length * lineHeight + 2 * margin];
  let colour = plain;
  const rows = lines.map((line, index) => {
    if (!line.startsWith(" ")) colour = colours.find(([pattern]) => pattern.test(line))?.[1] ?? plain;
    const y = margin + (index + 1) * lineHeight - 5;
    return `<text x="${margin}" y="${y}" fill="${colour}">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${fontSize}" xml:space="preserve" style="white-space: pre">`,
    ...rows,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
};

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
