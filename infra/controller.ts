import { approvalPage } from "./approval-page.ts";
import { deadLetters } from "./dead-letters.ts";
import { type Fragment, merge } from "./fragment.ts";
import { invocations, type Options } from "./functions.ts";
import type { Scope } from "./iam/scope.ts";
import { functionRoles } from "./iam/step-roles.ts";
import { looks } from "./looks.ts";
import { machines } from "./machines.ts";
import { storage } from "./storage.ts";
import { userDataStorage } from "./user-data.ts";

/** Everything of one recovery Region that all plans share: it knows none of them, but for what their roles may touch. */
export const controller = (options: Options & { scope: Scope }): Fragment =>
  merge(
    storage(),
    userDataStorage(),
    functionRoles(options),
    machines(),
    // a controller knows no topics: each plan has an alarm of its own on this queue
    deadLetters("DetectFailed", "lifeboat-detect-failed", [], null),
    invocations(),
    looks(),
    ...(options.approvalPage ? [approvalPage()] : []),
  );
