import { deadLetters } from "./dead-letters.ts";
import { type Fragment, merge } from "./fragment.ts";
import { detectFailures, functionRoles } from "./functions.ts";
import { machines } from "./machines.ts";
import { storage } from "./storage.ts";

/** Everything of one recovery Region that knows no plan. */
export const controller = (): Fragment =>
  merge(
    storage(),
    functionRoles(),
    machines(),
    deadLetters("DetectFailed", "lifeboat-detect-failed", []),
    detectFailures(),
  );
