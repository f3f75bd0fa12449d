import type { Plan } from "../functions/core/model/plan.ts";
import { checkOnline, type Online } from "../online/check-online.ts";
import { outside } from "../terminal/outside.ts";

/**
 * What a deployment leaves to people, a line each: what to do by hand, with the exact ids; what else stands in the way of a
 * failover; what comes by itself. Reads AWS as `check --online` does; never throws, for everything is deployed by then.
 */
export const leftToDo = async (plan: Plan, look: (plan: Plan) => Promise<Online> = readOnline): Promise<string[]> => {
  try {
    return linesOf(plan, await look(plan));
  } catch (error) {
    return [
      `could not look up what is left to do: ${(error as Error).message}`,
      "next: lifeboat check --online with this plan",
    ];
  }
};

const readOnline = (plan: Plan) => checkOnline(plan, undefined, outside);

const linesOf = ({ application, traffic }: Plan, { problems, waiting, todo }: Online): string[] => {
  const records = (traffic?.records ?? []).map(({ name, type }) => `${name} ${type}: `);
  // what is to be done for a record says more than what is wrong with it
  const isListed = (problem: string) =>
    records.some(
      (record, at) => problem.startsWith(record) && todo.some((one) => isOf(one, traffic?.records[at]?.name)),
    );
  const left = [...todo, ...problems.filter((problem) => !isListed(problem))];
  const lines = left.map((one, at) => `  ${at + 1}. ${one}`);
  return [
    left.length > 0
      ? `${application} cannot fail over yet. Still to do by hand:`
      : `nothing is left to do by hand for ${application}`,
    ...lines,
    ...waiting.map((one) => `  happens automatically: ${one}`),
    "next: lifeboat check --online with this plan prints READY or what is missing; lifeboat status shows it at any time",
  ];
};

const isOf = (todo: string, name = "") => todo.includes(` ${name} `);
