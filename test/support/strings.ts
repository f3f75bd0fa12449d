/** A piece of text that a program can show, and the line on which it begins, from 1. */
export type Text = { line: number; text: string };

/** Signs after which a slash begins a regular expression, and no division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+<>~*%^-]|\b(?:return|typeof|case|of|in))\s*$/;

/**
 * The string literals and the fixed parts of the template literals of a TypeScript source, in their order. Comments and regular
 * expressions are left out.
 */
export const stringsOf = (source: string): Text[] => {
  const texts: Text[] = [];
  /** Open braces of the code in a template's `${…}`; one count for each template that is open. */
  const templates: number[] = [];
  const lineAt = (at: number) => source.slice(0, at).split("\n").length;
  const match = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? "";
  };
  let code = 0;
  const template = (at: number): number => {
    const text = match(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y, at);
    texts.push({ line: lineAt(at), text });
    const end = at + text.length;
    if (source.startsWith("${", end)) templates.push(0);
    return end + (source.startsWith("${", end) ? 2 : 1);
  };
  for (let at = 0; at < source.length; ) {
    const comment = match(/\/\/[^\n]*|\/\*[\s\S]*?\*\//y, at);
    const quoted = match(/"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y, at);
    const regex =
      !comment && source[at] === "/" && beforeRegex.test(source.slice(Math.max(code, at - 40), at))
        ? match(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y, at)
        : "";
    const skipped = comment || regex;
    if (quoted) texts.push({ line: lineAt(at), text: quoted.slice(1, -1) });
    const open = templates.length - 1;
    if (skipped || quoted) at += (skipped || quoted).length;
    else if (source[at] === "`") at = template(at + 1);
    else if (source[at] === "}" && templates[open] === 0) {
      templates.pop();
      at = template(at + 1);
    } else {
      if (open >= 0 && source[at] === "{") templates[open]! += 1;
      if (open >= 0 && source[at] === "}") templates[open]! -= 1;
      at += 1;
    }
    if (comment) code = at;
  }
  return texts;
};
