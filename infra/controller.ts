import { deadLetters } from "./dead-letters.ts";
import { type Fragment, merge } from "./fragment.ts";
import { functionRoles, invocations } from "./functions.ts";
import { machines } from "./machines.ts";
import { storage } from "./storage.ts";
import { userDataStorage } from "./user-data.ts";

/** Everything of one recovery Region that knows no plan. */
export const controller = (): Fragment =>
  merge(
    storage(),
    userDataStorage(),
    functionRoles(),
    machines(),
    deadLetters("DetectFailed", "lifeboat-detect-failed", []),
    invocations(),
  );
