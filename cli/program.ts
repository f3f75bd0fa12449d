import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { type ExitCode, type Output, tellError, UsageError } from "./output.ts";

/** Runs one command line (without node and script); gives the exit code. Each command is loaded only when it is called. */
export const program = async (args: string[], output: Output): Promise<ExitCode> => {
  let code: ExitCode = 0;
  const end = (ended: ExitCode) => {
    code = ended;
  };
  const commands = commandsOf(output, end);
  try {
    if (args.includes("rehearse")) await registerRehearse(commands, output, args, end);
    else commands.command("rehearse").argument("<plan>").description(rehearses);
    await commands.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellError(error, output, args.includes("--json"));
    if (error.exitCode === 0) return 0;
    return tellError(usageOf(error), output, args.includes("--json"));
  }
};

const rehearses = "run the real machines and handlers on the simulated Regions, in virtual time";

const commandsOf = (output: Output, end: (code: ExitCode) => void) => {
  const commands = new Command("lifeboat")
    .description("Moves an application to another AWS Region when its own one fails.")
    .version(packageJson.version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text.trimEnd()), writeErr: () => {}, outputError: () => {} });
  commands
    .command("check")
    .description("validate plans: exit 0, or 2 with every problem")
    .argument("<plan...>", "plans, YAML files")
    .option("--json", "print one JSON object", false)
    .action(async (files: string[], options: { json: boolean }) => {
      const { check } = await import("./check.ts");
      end(check(files, options, output));
    });
  commands
    .command("schema")
    .description("print the plan's JSON Schema")
    .option("--json", "print it in one line", false)
    .action(async (options: { json: boolean }) => {
      const { schema } = await import("./schema.ts");
      end(schema(options, output));
    });
  return commands;
};

/** The simulator and every handler come with it: only when asked for. */
const registerRehearse = async (commands: Command, output: Output, args: string[], end: (code: ExitCode) => void) => {
  const [rehearse, { readPlanOrThrow }] = await Promise.all([import("./rehearse.ts"), import("./plan-file.ts")]);
  rehearse.registerRehearse(commands, {
    read: readPlanOrThrow,
    exit: (code) => end(code as ExitCode),
    fail: (error) => end(tellError(error, output, args.includes("--json"))),
  });
};

const usageOf = ({ code, message }: CommanderError) => {
  const [what, suggestion] = message.replace(/^error: /, "").split("\n");
  if (code === "commander.help") return new UsageError("no command given", "lifeboat --help lists the commands");
  return new UsageError(what ?? message, suggestion ? `${suggestion.replace(/[()]/g, "")} ${seeHelp}` : seeHelp);
};
const seeHelp = "lifeboat --help lists the commands, lifeboat COMMAND --help its options";
