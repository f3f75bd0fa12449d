import { readMachines } from "../../infra/machines.ts";

// biome-ignore lint/suspicious/noExplicitAny: a state is whatever Amazon States Language allows
export type State = Record<string, any>;
export type Scope = { machine: string; path: string; startAt: string; states: Record<string, State>; inMap: boolean };

/** Every machine, and every item processor in it, as a scope of its own: transitions never leave a scope. */
export const scopes = (): Scope[] =>
  readMachines().flatMap(({ name, definition }) => scopesOf(name, name, definition as State, false));

const scopesOf = (machine: string, path: string, definition: State, inMap: boolean): Scope[] => {
  const states = definition.States as Record<string, State>;
  const inner = Object.entries(states).flatMap(([name, { ItemProcessor, Branches = [] }]) =>
    [...(ItemProcessor ? [ItemProcessor] : []), ...Branches].flatMap((processor: State) =>
      scopesOf(machine, `${path}.${name}`, processor, true),
    ),
  );
  return [{ machine, path, startAt: definition.StartAt, states, inMap }, ...inner];
};

export const statesOf = (type?: string) =>
  scopes().flatMap((scope) =>
    Object.entries(scope.states)
      .filter(([, state]) => !type || state.Type === type)
      .map(([name, state]) => ({ scope, name, state, where: `${scope.path}.${name}` })),
  );

/** Names of the states that may follow, failures included. */
export const nextOf = (state: State): string[] =>
  [state.Next, state.Default, ...(state.Choices ?? []).map(next), ...(state.Catch ?? []).map(next)].filter(Boolean);
const next = ({ Next }: State) => Next;

/** The first cycle among these states that goes through none of `without`, or null. */
export const cycleIn = ({ states }: Scope, without: Set<string>): string[] | null => {
  const done = new Set<string>();
  const visit = (name: string, trail: string[]): string[] | null => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name) || without.has(name)) return null;
    for (const following of nextOf(states[name]!)) {
      const cycle = visit(following, [...trail, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return null;
  };
  for (const name of Object.keys(states)) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return null;
};

/** Everything that can follow `from` (itself included) without going through `without`. */
export const reach = ({ states }: Scope, from: string, without: Set<string> = new Set()): Set<string> => {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name) || without.has(name)) return;
    found.add(name);
    nextOf(states[name]!).forEach(visit);
  };
  visit(from);
  return found;
};

/** Conditions of a Choice, those inside And, Or and Not included. */
export const conditionsOf = (choice: State): State[] =>
  (choice.Choices ?? []).flatMap(function flat(rule: State): State[] {
    return [
      rule,
      ...(rule.And ?? []).flatMap(flat),
      ...(rule.Or ?? []).flatMap(flat),
      ...(rule.Not ? flat(rule.Not) : []),
    ];
  });
