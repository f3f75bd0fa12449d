import { existsSync, readFileSync, statSync } from "node:fs";
import { PlanInvalidError } from "../../functions/core/errors.ts";
import { nearestWord } from "../../functions/core/nearest-word.ts";
import { shippedNames, shippedText } from "./shipped.ts";

const shipped = new URL("../../examples/scenarios/", import.meta.url);
export const scenarioNames = () =>
  shippedNames(shipped)
    .flatMap((file) => (file.endsWith(".yml") ? [file.slice(0, -".yml".length)] : []))
    .sort();

const bytesMax = 1_048_576;

/** Text of a scenario: of a shipped one by its name, else of the file. Throws PlanInvalidError. */
export const scenarioText = (nameOrFile: string): string => {
  const names = scenarioNames();
  if (names.includes(nameOrFile)) return shippedText(new URL(`${nameOrFile}.yml`, shipped));
  const refused = (expected: string, got: string) =>
    new PlanInvalidError(
      `scenario ${nameOrFile}: expected ${expected} (got ${got})`,
      `Shipped scenarios: ${names.join(", ")}.`,
    );
  if (!existsSync(nameOrFile)) {
    const nearest = nearestWord(nameOrFile, names);
    throw refused("a shipped name or a file", nearest ? `neither; did you mean ${nearest}?` : "neither");
  }
  const found = statSync(nameOrFile);
  if (!found.isFile()) throw refused("a file", found.isDirectory() ? "a directory" : "no regular file");
  if (found.size > bytesMax) throw refused("a scenario of at most 1 MiB", `${(found.size / bytesMax).toFixed(1)} MiB`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(nameOrFile));
  } catch {
    throw refused("a readable UTF-8 text file", "something else");
  }
};
