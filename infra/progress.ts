import { duration } from "../terminal/format.ts";

const everySeconds = 5;

/** An event of CloudFormation as osls prints it: `  CREATE_COMPLETE - AWS::Lambda::Function - LoadPlanLambdaFunction`. */
export const stackEvent = /^\s*([A-Z]+)_([A-Z_]*(?:COMPLETE|FAILED|IN_PROGRESS)) - (AWS::[\w:]+) - (\S+)/;

/** Does something to a stack of so many resources, and says every five seconds how far it is: what osls prints tells that. */
export const withProgress = async <T>(
  what: string,
  resources: number | null,
  log: (line: string) => void,
  work: (onLine: (line: string) => void) => Promise<T>,
): Promise<T> => {
  const startedAt = Date.now();
  const done = new Set<string>();
  const timer = setInterval(() => {
    const of = resources === null || done.size === 0 ? "" : `, ${done.size} of ${resources} resources done`;
    log(`  ${what}: ${duration((Date.now() - startedAt) / 1_000)}${of}`);
  }, everySeconds * 1_000);
  const onLine = (line: string) => {
    const [, , state, type, id] = stackEvent.exec(line) ?? [];
    if (state?.endsWith("COMPLETE") && type !== "AWS::CloudFormation::Stack") done.add(id!);
  };
  try {
    return await work(onLine);
  } finally {
    clearInterval(timer);
  }
};
