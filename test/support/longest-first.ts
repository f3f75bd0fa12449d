import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take tens of seconds: begun last, each would leave the other workers idle. */
const longest = [
  "test/moto/lint.test.ts",
  "test/scenarios/shipped.test.ts",
  "test/moto/flow.test.ts",
  "test/infra/templates.test.ts",
  "test/infra/roles.test.ts",
  "test/scenarios/directories.test.ts",
  "test/simulator/invariants/invariants.test.ts",
  "test/cli/rehearse.test.ts",
];

const isLong = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(`/${file}`));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
