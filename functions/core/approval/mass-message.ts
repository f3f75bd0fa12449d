import type { FailoverIntent } from "../detect/mass-failover.ts";
import { answerLines, consoleLines, machineLink } from "./message.ts";

/** The question of a storm: who is asked about first stands first. */
export const massMessage = (
  because: string,
  applications: FailoverIntent[],
  { region, machine }: { region: string; machine: string },
) => ({
  subject: `Lifeboat: ${applications.length} applications ask to move`,
  text: [
    because,
    "Each waits for its own answer; the most important one comes first:",
    "",
    ...applications.flatMap(({ application, priority, primary }, nth) => [
      `${nth + 1}. ${application} (priority ${priority}), from ${primary}`,
      ...answerLines(application, region).map((line) => `   ${line}`),
    ]),
    "",
    ...consoleLines("approve one", "<name>", machine, region),
    `          ${machineLink(machine)}`,
    "",
  ].join("\n"),
});
