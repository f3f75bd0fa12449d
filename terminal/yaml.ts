import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLError } from "yaml";

/** Something about the YAML itself; `offset` counts characters from the start of the text. */
export type Fault = { offset: number; expected: string; got: string };

/** `value` is meaningful without `broken`; `repeated` are keys that stand twice in one map, which is read all the same. */
export type ParsedYaml = {
  document: Document;
  lines: LineCounter;
  value: unknown;
  broken: Fault | null;
  repeated: Fault[];
};

const aliasesMax = 100;

/** Parses one plain YAML document; `what` it is to be. What is wrong with it is a value: nothing is thrown. */
export const parseYaml = (text: string, what = "a plan"): ParsedYaml => {
  const lines = new LineCounter();
  // Uniqueness of keys is checked below: the library compares every pair of keys.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, resolveKnownTags: false } as const;
  const document = parseDocument(text, { ...options, logLevel: "error" });
  const parsed = { document, lines, value: undefined, repeated: [] };
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) return { ...parsed, broken: { offset: fault.pos[0], ...phraseOf(fault, what) } };
  try {
    const value = document.toJS({ maxAliasCount: aliasesMax });
    if (value === null) return { ...parsed, broken: { offset: 0, expected: what, got: "an empty file" } };
    return { ...parsed, value, broken: null, repeated: repeatedKeys(document) };
  } catch (error) {
    return { ...parsed, broken: { offset: 0, ...phraseOf(error as Error, what) } };
  }
};

const phrases: Record<string, Omit<Fault, "offset">> = {
  TAB_AS_INDENT: { expected: "spaces for indentation", got: "a tab" },
  MULTIPLE_DOCS: { expected: "one YAML document", got: "more than one" },
  TAG_RESOLVE_FAILED: { expected: "plain YAML", got: "a tag (!...)" },
};

const phraseOf = (fault: YAMLError | Error, what: string): Omit<Fault, "offset"> => {
  const known = "code" in fault ? phrases[fault.code] : undefined;
  if (known) return known;
  if (fault.message.includes("Excessive alias count"))
    return { expected: `at most ${aliasesMax} uses of YAML aliases`, got: "more" };
  if (fault.message.includes("call stack")) return { expected: what, got: "YAML that is nested too deeply" };
  const [line = ""] = fault.message.split("\n");
  return { expected: "well-formed YAML", got: line.slice(0, 200) };
};

const repeatedKeys = (document: Document) => {
  const repeated: Fault[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const got = `${String(key.value).slice(0, 64)} again`;
        if (seen.has(String(key.value))) repeated.push({ offset: key.range?.[0] ?? 0, expected: "each key once", got });
        seen.add(String(key.value));
      }
    },
  });
  return repeated;
};
