/**
 * A line for a terminal, as a message tells it to people. `lifeboat` is the installed command (docs/deploy.md): a line for
 * npx would ask a registry, where whoever takes the name could run code with the credentials of an incident.
 */
export const commandLine = (command: string, application: string, region: string) =>
  `lifeboat ${command} ${application} --region ${region}`;

/** How a plan is deployed: the stacks are built in a checkout of Lifeboat. */
export const deployIt = "in a checkout of Lifeboat, npm run deploy -- --plan FILE";
