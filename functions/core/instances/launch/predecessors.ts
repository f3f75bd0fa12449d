import type { Server } from "../../model/server.ts";

/** A live instance in the target Region that carries the tags of a launched server of the application. */
export type Launched = {
  id: string;
  state: string;
  /** Tags: instance id in the source, recovery point, and name of the run that uses it. */
  server: string;
  point: string | null;
  run: string;
  address: string | null;
  launchedAt: string;
};

/** What is known of another run: `over` for certain; `moved`: over, and it moved users to what it launched. */
export type Fate = "over" | "moved" | "ending" | "unknown";

type Ref = Pick<Server, "server" | "point" | "name">;
export type Inheritance = {
  /** By server: taken over, as it is of the pinned point. */
  adopt: Map<string, Launched>;
  /** In the way, and nobody's: removed. */
  remove: Launched[];
  /** As those, but its run may still be at work. */
  later: Launched[];
  /** They may hold what users wrote, or belong to something that Lifeboat does not know: left alone. */
  keep: Launched[];
};

/**
 * What becomes of the live instances that earlier runs of the application left: the first one of the pinned point is
 * taken over, every other is removed, unless its run moved users to it.
 */
export const inherit = (servers: Ref[], left: Launched[], fateOf: (run: string) => Fate): Inheritance => {
  const found: Inheritance = { adopt: new Map(), remove: [], later: [], keep: [] };
  for (const one of [...left].sort(inOrder)) {
    const fate = fateOf(one.run);
    const wanted = servers.some(({ server, point }) => server === one.server && point === one.point);
    const isAlive = one.state === "pending" || one.state === "running";
    if (fate === "unknown") found.keep.push(one);
    else if (wanted && isAlive && !found.adopt.has(one.server)) found.adopt.set(one.server, one);
    else if (fate === "moved") found.keep.push(one);
    else if (fate === "ending") found.later.push(one);
    else found.remove.push(one);
  }
  return found;
};

const inOrder = (a: Launched, b: Launched) => (`${a.launchedAt} ${a.id}` < `${b.launchedAt} ${b.id}` ? -1 : 1);

/** The same as sentences for whoever starts the run: what keeps it from starting, and what it will do. */
export const tellInheritance = ({ adopt, remove, later, keep }: Inheritance, servers: Ref[]) => {
  const nameOf = (id: string) => servers.find(({ server }) => server === id)?.name ?? id;
  const say = (what: string) => (one: Launched) => `${nameOf(one.server)}: ${one.id} of run ${one.run} ${what}`;
  return {
    problems: keep
      .filter(({ server }) => servers.some((one) => one.server === server))
      .map(say("lives and may hold what users wrote: stop using it and terminate it first")),
    warnings: [
      ...[...adopt.values()].map(say("is taken over")),
      ...[...remove, ...later].map(say("is removed before its server is launched")),
    ],
  };
};
