import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { endpointOf } from "../terminal/endpoint.ts";
import { type ExitCode, type Output, printError, UsageError } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import type { CheckOptions } from "./check.ts";
import type { InitOptions } from "./init.ts";
import { registerOperate } from "./operate.ts";
import { registerRehearse } from "./rehearse-command.ts";

/**
 * Runs one command line (without node and script); gives the exit code. Each command is loaded only when it is called.
 * `given`: what stands for AWS and the terminal in tests.
 */
export const program = async (args: string[], output: Output, given?: Outside): Promise<ExitCode> => {
  let code: ExitCode = 0;
  const end = (ended: ExitCode) => {
    code = ended;
  };
  const commands = commandsOf(output, end, async () => given ?? (await import("../terminal/outside.ts")).outside);
  try {
    await commands.parseAsync(asked(args, commands), { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, output, args.includes("--json"));
    if (error.exitCode === 0) return 0;
    return printError(usageOf(error), output, args.includes("--json"));
  }
};

/** `help`, `help COMMAND` and `version`, as people type them. Of an unknown command the help is an error, too. */
const asked = (args: string[], { commands }: Command) => {
  const [, wanted] = args;
  const isKnown =
    !wanted ||
    wanted.startsWith("-") ||
    wanted === "help" ||
    commands.some((one) => [one.name(), ...one.aliases()].includes(wanted));
  if (args[0] === "help") return isKnown ? [...args.slice(1).filter((word) => word !== "help"), "--help"] : [wanted];
  return args[0] === "version" ? ["--version", ...args.slice(1)] : args;
};

const commandsOf = (output: Output, end: (code: ExitCode) => void, outsideOf: () => Promise<Outside>) => {
  const commands = new Command("lifeboat")
    .description("Fails an application over to another AWS Region when its own Region fails.")
    .version(packageJson.version)
    .helpCommand(false)
    .addHelpText("after", "\nlifeboat help COMMAND lists the options of one command.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text.trimEnd()), writeErr: () => {}, outputError: () => {} });
  commands
    .command("check")
    .description("validate plans: exit 0, or 2 with every problem")
    .argument("<plan...>", "plans, YAML files")
    .option(
      "--online",
      "also run read-only checks against AWS: keys, witnesses, tag selections, copy throughput",
      false,
    )
    .option(
      "--dependencies",
      "also list, from a rehearsal, the AWS calls that detect, failover, close, guard, sense, replicate and rotate depend on",
      false,
    )
    .option(...endpoint)
    .option("--json", "print one JSON object", false)
    .action(async (files: string[], options: CheckOptions) => {
      const { check } = await import("./check.ts");
      end(await check(files, options, output, await outsideOf()));
    });
  commands
    .command("schema")
    .description("print the plan's JSON Schema")
    .option("--json", "print it in one line", false)
    .action(async (options: { json: boolean }) => {
      const { schema } = await import("./schema.ts");
      end(schema(options, output));
    });
  commands
    .command("init")
    .description("write a commented plan to start from")
    .argument("<file>", "where to, such as my-plan.yml")
    .requiredOption("--primary <region>", "Region that serves the users")
    .requiredOption("--recovery <region>", "Region to recover in")
    .option("--application <name>", "name of the application", "my-app")
    .option("--rpo <duration>", "how much work may be lost", "1h")
    .option("--rto <duration>", "how long users may be without service", "45m")
    .option("--action <action>", "notify | approve | automatic", "approve")
    .option("--port <port>", "port of the page /healthz of the application", "80")
    .option("--force", "overwrite an existing file", false)
    .action(async (file: string, options: InitOptions) => {
      const { init } = await import("./init.ts");
      end(init(file, options, output));
    });
  commands
    .command("completion")
    .description("print shell completion for bash, zsh or fish")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell: string) => {
      const { completionOf } = await import("./completion.ts");
      output.out(completionOf(shell, commands).join("\n"));
    });
  ofDeployed(commands, "replicate", "make a recovery point now: start a replication run and follow it")
    .option("--dry-run", "show what would be done; send no call that changes anything", false)
    .action(async (file: string, options: { json: boolean; dryRun: boolean; endpointUrl?: string }) => {
      const { replicate } = await import("./replicate.ts");
      end(await replicate(await planOf(file), options, output, await outsideOf()));
    });
  ofDeployed(commands, "rotate", "delete recovery points that the plan no longer keeps, after listing them")
    .option("--dry-run", "show what would be deleted; send no call that changes anything", false)
    .option("--yes", "delete even if that is more than 20 % of the points", false)
    .action(async (file: string, options: { json: boolean; dryRun: boolean; yes: boolean; endpointUrl?: string }) => {
      const { rotate } = await import("./rotate.ts");
      end(await rotate(await planOf(file), options, output, await outsideOf()));
    });
  ofDeployed(commands, "rekey", "encrypt later copies with the key now in the plan, after showing the cost")
    .option("--resource <name>", "rekey only this resource")
    .option("--yes", "do not ask", false)
    .action(async (file: string, options: { json: boolean; yes: boolean; resource?: string; endpointUrl?: string }) => {
      const { rekey } = await import("./rekey.ts");
      end(await rekey(await planOf(file), options, output, await outsideOf()));
    });
  registerOperate({ commands, output, end, outsideOf });
  registerRehearse(commands, {
    read: planOf,
    exit: (code) => end(code as ExitCode),
    fail: (error, isJson) => end(printError(error, output, isJson)),
    working: (isJson) => isJson || (output.isTerminal ? output.live("simulating ...") : output.out("simulating ...")),
  });
  return commands;
};

const planOf = async (file: string) => (await import("../terminal/plan-file.ts")).readPlanOrThrow(file);

/** A command that works at what is deployed, with the credentials of whoever calls it. */
const ofDeployed = (commands: Command, name: string, description: string) =>
  commands
    .command(name)
    .description(description)
    .argument("<plan>", "the plan, a YAML file")
    .option(...endpoint)
    .option("--json", "print one JSON object", false);
const endpoint = [
  "--endpoint-url <url>",
  "use an AWS emulator instead of AWS",
  (text: string) => endpointOf(text),
] as const;

const usageOf = ({ code, message }: CommanderError) => {
  const [what, suggestion] = message.replace(/^error: /, "").split("\n");
  const [, command] = /^unknown command '(deploy|remove|package)'/.exec(what ?? "") ?? [];
  if (command)
    return new UsageError(`${command} is not a lifeboat command: it builds from the sources`, onlyThere(command));
  if (code === "commander.help") return new UsageError("no command given", "lifeboat --help lists the commands");
  // an option that begins otherwise is none that was mistyped
  const [, typed, meant] = /unknown option '--(.).*--(.)/.exec(message.replaceAll("\n", " ")) ?? [];
  const hint = suggestion && typed === meant ? `${suggestion.replace(/[()]/g, "")} ${seeHelp}` : seeHelp;
  return new UsageError(what ?? message, hint);
};
const onlyThere = (command: string) => `in a checkout of Lifeboat, npm run ${command} -- --plan FILE (docs/install.md)`;
const seeHelp = "lifeboat --help lists the commands, lifeboat COMMAND --help its options";
