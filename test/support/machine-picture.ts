import { nextOf, type State } from "../statemachines/machine.ts";

type States = Record<string, State>;
type Edge = { from: string; to: string; label: string };

/**
 * A state machine as a Mermaid flowchart: tasks, choices and ends are drawn, a Map is a box around its items, and a Pass
 * or Wait between two states becomes a word on the edge. Dashed edges are taken after a failure.
 */
export const drawMachine = ({ States, StartAt }: State): string =>
  ["flowchart TD", ...draw(States, StartAt, "  ")].join("\n");

const draw = (states: States, startAt: string, indent: string): string[] => {
  const drawn = Object.keys(states).filter((name) => isDrawn(states[name]!));
  const edges = drawn.flatMap((name) => edgesOf(states, name));
  const failures = Map.groupBy(
    drawn.flatMap((name) => failuresOf(states, name)),
    ({ to }) => to,
  );
  return [
    `${indent}from${startAt}(( )) --> ${startAt}`,
    ...drawn.flatMap((name) => node(name, states[name]!, indent)),
    ...edges.map(({ from, to, label }) => `${indent}${from} -->${label && `|"${label}"|`} ${to}`),
    ...[...failures].map(([to, from]) => `${indent}${from.map((edge) => edge.from).join(" & ")} -.-> ${to}`),
  ];
};

const isDrawn = ({ Type, End }: State) => !["Pass", "Wait"].includes(Type) || End === true;

const node = (name: string, state: State, indent: string): string[] => {
  if (state.Type === "Choice") return [`${indent}${name}{${name}}`];
  if (state.Type === "Succeed" || state.Type === "Fail" || state.End) return [`${indent}${name}([${name}])`];
  if (state.Type !== "Map") return [`${indent}${name}[${name}]`];
  const { StartAt, States } = state.ItemProcessor;
  const inner = draw(States, StartAt, `${indent}  `);
  return [`${indent}subgraph ${name}["${name}: each server"]`, ...inner, `${indent}end`];
};

const edgesOf = (states: States, from: string): Edge[] => {
  const { Next, Choices = [], Default } = states[from]!;
  const ways: [string, string][] = [
    ...(Next ? [[Next, ""] as [string, string]] : []),
    ...Choices.map((choice: State): [string, string] => [choice.Next, condition(choice)]),
    ...(Default ? [[Default, Choices.length > 0 ? "else" : ""] as [string, string]] : []),
  ];
  return ways.map(([to, label]) => ({ from, ...past(states, to, [label]) }));
};

const failuresOf = (states: States, from: string): Edge[] =>
  (states[from]!.Catch ?? []).map(({ Next }: State) => ({ from, ...past(states, Next, []) }));

/** The first state at or after `name` that is drawn, and what is passed on the way. */
const past = (states: States, name: string, labels: string[]): { to: string; label: string } => {
  const state = states[name]!;
  if (isDrawn(state)) return { to: name, label: labels.filter(Boolean).join(", ") };
  const word = state.Type === "Wait" ? "wait" : (state.Result?.Error ?? "");
  return past(states, nextOf(state)[0]!, [...labels, word]);
};

const condition = (rule: State): string => {
  if (rule.And) return rule.And.map(condition).join(" and ");
  const name = short(rule.Variable);
  if ("IsPresent" in rule) return `has ${name}`;
  if ("IsNull" in rule) return rule.IsNull ? `no ${name}` : name;
  if ("NumericGreaterThan" in rule) return `${name} over ${rule.NumericGreaterThan}`;
  if ("BooleanEquals" in rule) return rule.BooleanEquals ? name : `not ${name}`;
  if ("StringEquals" in rule) return `${name} is ${rule.StringEquals}`;
  if ("NumericLessThanPath" in rule) return `${name} under ${short(rule.NumericLessThanPath)}`;
  if ("NumericLessThan" in rule) return `${name} under ${rule.NumericLessThan}`;
  if ("NumericGreaterThanEquals" in rule) return `after ${rule.NumericGreaterThanEquals} ${name}`;
  throw new Error(`a condition that has no words yet: ${JSON.stringify(rule)}`);
};

/** `$.preflight.value.waveCount` -> `preflight.waveCount` */
const short = (path: string) => path.replace(/^\$\./, "").replace(".value.", ".");
