import type { Command } from "commander";
import { endpointOf, regionOf } from "../terminal/endpoint.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import type { AbortOptions } from "./abort.ts";
import type { DeployedOptions } from "./deployed.ts";
import type { FailoverOptions } from "./failover.ts";
import type { PauseOptions } from "./pause.ts";
import type { StatusOptions } from "./status.ts";

type Does<Options> = (target: string, options: Options, output: Output, outside: Outside) => Promise<ExitCode>;
type Program = { commands: Command; output: Output; end(code: ExitCode): void; outsideOf(): Promise<Outside> };

/** The commands of whoever is on call: each works at one deployed application, named by its plan or, with --region, by name. */
export const registerOperate = ({ commands, output, end, outsideOf }: Program) => {
  const add = <Options>(name: string, description: string, load: () => Promise<Does<Options>>) =>
    commands
      .command(name)
      .description(description)
      .argument("<plan>", "the plan, a YAML file; with --region the name of an application")
      .option(
        "--region <region>",
        "find the application by its name in this recovery Region, without its plan",
        (text) => regionOf(text),
      )
      .option("--endpoint-url <url>", "ask an emulator of AWS instead", (text) => endpointOf(text))
      .option("--json", "print one JSON object", false)
      .action(async (target: string, options: Options) => {
        const does = await load();
        end(await does(target, options, output, await outsideOf()));
      });
  const named = <Options extends DeployedOptions>(...given: Parameters<typeof add<Options>>) =>
    add(...given).option("--by <name>", "who does this, for the ledger (default: the user of the system)");

  add<StatusOptions>(
    "status",
    "say whether a failover would work, what serves, what the witnesses see, what waits and what would be lost",
    async () => {
      return (await import("./status.ts")).status;
    },
  ).option("--require-ready", "exit 1 when a failover would not work now", false);
  add<FailoverOptions>(
    "failover",
    "move the application to its recovery Region: start the machine and follow it",
    async () => {
      return (await import("./failover.ts")).failover;
    },
  )
    .option("--reason <text>", "why, for the report")
    .option("--recovery-point <point>", "latest, the id of a point, or a time: the newest at or before it")
    .option("--approve", "do not ask, whatever there is to ask about", false)
    .option("--force", "override the block time and the loss budget", false);
  add<DeployedOptions>("follow", "follow the run that is on, whoever started it, to its end", async () => {
    return (await import("./follow.ts")).follow;
  });
  named<AbortOptions>("abort", "stop the run that is on, after saying what it leaves behind", async () => {
    return (await import("./abort.ts")).abort;
  })
    .option("--reason <text>", "why, for the report and the ledger")
    .option("--yes", "do not ask", false);
  named<DeployedOptions>("approve", "let the run that waits for a person go on", async () => {
    return (await import("./approve.ts")).approve;
  });
  named<DeployedOptions>("withhold", "stop the run that waits for a person, before it moves anything", async () => {
    return (await import("./withhold.ts")).withhold;
  });
  named<DeployedOptions>("acknowledge", "take note of the last run: it blocks the next one no longer", async () => {
    return (await import("./acknowledge.ts")).acknowledge;
  });
  named<PauseOptions>("pause", "keep Lifeboat from starting anything by itself", async () => {
    return (await import("./pause.ts")).pause;
  }).option("--reason <text>", "why, for who finds it paused");
  named<DeployedOptions>("resume", "end a pause", async () => {
    return (await import("./resume.ts")).resume;
  });
};
