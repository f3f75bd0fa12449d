import type { Plan } from "../../functions/core/model/plan.ts";
import type { Random } from "../../simulator/random.ts";
import { createChanges, serversOf } from "../../simulator/story/fleet-changes.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { secretOf, serverSpec } from "./fleet-plan.ts";

export type Change = { at: number; change: (environment: Environment) => void };

/** What people do to the fleet in the weeks of one seed. */
export const drawChanges = (random: Random, plan: Plan, days: number): Change[] => {
  const everySeconds = Math.min(...plan.protect.map((resource) => resource.everySeconds));
  const names = plan.protect.map(({ name }) => name);
  let made = 0;
  /** Within the first minute of a round, as a rule, so that it meets the listing and the snapshots. */
  const moment = () => {
    const round = 1 + Math.floor(random.between(0, (days * 86_400) / everySeconds - 1));
    return round * everySeconds + random.between(-60, 120);
  };
  const few = (most: number, make: () => Change): Change[] =>
    Array.from({ length: Math.floor(random.between(0, most + 1)) }, make);
  const ofServer = (what: (environment: Environment, resource: string, pick: number) => void) => () => {
    const [resource, pick] = [random.pick(names), random.next()];
    return { at: moment(), change: (environment: Environment) => what(environment, resource, pick) };
  };
  const picked = ({ world }: Environment, resource: string, pick: number) => {
    const servers = serversOf(world, plan, resource);
    return servers[Math.floor(pick * servers.length)];
  };

  return [
    ...few(
      2,
      ofServer(({ world }, resource, pick) => {
        made += 1;
        createChanges(world, plan).addServer(resource, serverSpec(`${resource}-new-${made}`, 1 + Math.floor(pick * 3)));
      }),
    ),
    ...few(
      2,
      ofServer((environment, resource, pick) => {
        const server = picked(environment, resource, pick);
        if (server && serversOf(environment.world, plan, resource).length > 1)
          createChanges(environment.world, plan).terminateServer(server);
      }),
    ),
    ...few(
      3,
      ofServer((environment, resource, pick) => {
        const server = picked(environment, resource, pick);
        if (server && server.volumes.length < 6) createChanges(environment.world, plan).addVolume(server, 20);
      }),
    ),
    ...few(
      3,
      ofServer((environment, resource, pick) => {
        const server = picked(environment, resource, pick);
        if (server) createChanges(environment.world, plan).removeVolume(server);
      }),
    ),
    ...few(
      2,
      ofServer((environment, resource, pick) => {
        const server = picked(environment, resource, pick);
        made += 1;
        if (server) createChanges(environment.world, plan).changeUserData(server, secretOf(server.id, made));
      }),
    ),
  ];
};
