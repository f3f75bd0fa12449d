import { notARegion } from "../functions/core/region-names.ts";
import { UsageError } from "./output.ts";

/** The URL of an emulator as it was given. Throws UsageError for what is none. */
export const endpointOf = (text: string, name = "--endpoint-url"): string => {
  if (/^https?:\/\/[^\s/]+/i.test(text) && URL.canParse(text)) return text;
  const guess = `http://${text.replace(/^[a-z]*:?\/\//i, "")}`;
  throw new UsageError(
    `${name}: expected a URL that begins with http:// or https:// (got ${text || "nothing"})`,
    text && URL.canParse(guess) ? `Did you mean ${guess}?` : "give one such as http://localhost:5000",
  );
};

/** The Region as it was given. Throws UsageError for one that there is not, before anything is asked. */
export const regionOf = (text: string): string => {
  const wrong = notARegion(text);
  if (!wrong) return text;
  throw new UsageError(
    `--region: expected ${wrong.expected} (got ${wrong.got})`,
    "give the recovery Region, as in the message or under regions in the plan",
  );
};
