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
      .option("--region <region>", "find the application by name in this recovery Region, without its plan", (text) =>
        regionOf(text),
      )
      .option("--endpoint-url <url>", "use an AWS emulator instead of AWS", (text) => endpointOf(text))
      .option("--json", "print one JSON object", false)
      .action(async (target: string, options: Options) => {
        const does = await load();
        end(await does(target, options, output, await outsideOf()));
      });
  const named = <Options extends DeployedOptions>(...given: Parameters<typeof add<Options>>) =>
    add(...given).option("--by <name>", "your name, for the ledger (default: the system user)");

  add<StatusOptions>(
    "status",
    "show readiness, the active Region, health signals, pending approval and data-loss exposure",
    async () => {
      return (await import("./status.ts")).status;
    },
  ).option("--require-ready", "exit 1 unless a failover would work now", false);
  add<FailoverOptions>("failover", "fail over to the recovery Region: start the failover and follow it", async () => {
    return (await import("./failover.ts")).failover;
  })
    .option("--reason <text>", "why, for the report")
    .option("--recovery-point <point>", "latest, a recovery point id, or a time: the newest point at or before it")
    .option("--approve", "skip all approval prompts", false)
    .option(
      "--force",
      "override the waiting time after the last run (`block` in the plan) and the loss budget (`recover.lossBudget`)",
      false,
    );
  add<DeployedOptions>("follow", "follow the current run to its end", async () => {
    return (await import("./follow.ts")).follow;
  });
  named<AbortOptions>("abort", "stop the current run after showing what it leaves behind", async () => {
    return (await import("./abort.ts")).abort;
  })
    .option("--reason <text>", "why, for the report and the ledger")
    .option("--yes", "do not ask", false);
  named<DeployedOptions>("approve", "approve the pending approval; the run continues", async () => {
    return (await import("./approve.ts")).approve;
  });
  named<DeployedOptions>("withhold", "reject the pending approval; nothing is changed", async () => {
    return (await import("./withhold.ts")).withhold;
  }).alias("reject");
  named<DeployedOptions>(
    "acknowledge",
    "acknowledge the last run so that it no longer blocks automatic failover",
    async () => {
      return (await import("./acknowledge.ts")).acknowledge;
    },
  );
  named<PauseOptions>("pause", "stop Lifeboat from starting runs automatically", async () => {
    return (await import("./pause.ts")).pause;
  }).option("--reason <text>", "why, for the next operator");
  named<DeployedOptions>("resume", "let Lifeboat start runs automatically again", async () => {
    return (await import("./resume.ts")).resume;
  });
};
