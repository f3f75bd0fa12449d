import { functionName } from "../../functions/core/deployed-names.ts";
import type { Fragment } from "../fragment.ts";
import { detectFailed, type Options, stepsOf } from "../functions.ts";
import { platform } from "../lambda.ts";
import { pascalCase } from "../names.ts";
import { permissionsOf } from "./permissions.ts";
import { roleFor } from "./policy.ts";
import type { Scope } from "./scope.ts";

/** One role per function: what the code calls, its own log group, its traces, and the dead letters of detect. */
export const functionRoles = (options: Options & { scope: Scope }): Fragment => ({
  Resources: Object.fromEntries(
    stepsOf(options).map((name) => [
      `${pascalCase(name)}Role`,
      roleFor(
        "lambda.amazonaws.com",
        [
          ...permissionsOf(options.scope)[name]!,
          ...platform(functionName(name), name === "detect" ? detectFailed : null),
        ],
        `${functionName(name)}-\${AWS::Region}`,
      ),
    ]),
  ),
});
