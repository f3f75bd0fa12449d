import { ScriptError } from "./arguments.ts";

type Prompt = { ask: (question: string) => Promise<string | null>; yes: boolean };

/** Asks a person, unless `yes` has answered. Throws when nobody can be asked, or says no: then nothing was `done`. */
export const confirm = async (what: "Deploy" | "Remove", done: string, { ask, yes }: Prompt): Promise<void> => {
  if (yes) return;
  const answer = await ask(`${what}? [y/N] `);
  if (answer === null)
    throw new ScriptError(
      `nothing was ${done}`,
      what === "Deploy"
        ? "Read the list above, then add --yes to deploy."
        : "Read the list above, then add --yes to remove.",
    );
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new ScriptError(`nothing was ${done}`, "Run the command again to confirm.");
};
