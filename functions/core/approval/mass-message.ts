import type { FailoverIntent } from "../detect/mass-failover.ts";
import { consoleLines, machineLink, replyCommands } from "./message.ts";

/** The approval request for several failovers at once, the most important application first. */
export const massMessage = (
  because: string,
  applications: FailoverIntent[],
  { region, machine }: { region: string; machine: string },
) => ({
  subject: `Lifeboat: ${applications.length} applications need approval to fail over`,
  text: [
    because,
    "Approve or reject each one; the most important application comes first:",
    "",
    ...applications.flatMap(({ application, priority, primary }, nth) => [
      `${nth + 1}. ${application} (priority ${priority}), from ${primary}`,
      ...replyCommands(application, region).map((line) => `   ${line}`),
    ]),
    "",
    ...consoleLines("approve one", "<name>", machine, region),
    `          ${machineLink(machine)}`,
    "",
  ].join("\n"),
});
