/** The core of the simulated AWS: the world, its clock, faults and journal, and the dispatch of each SDK call to a simulated service. */

import type { Call, Patience, Reply, Watch } from "../functions/aws/calls/clients.ts";
import { drawn, latencySeconds, tableSeconds } from "./durations.ts";
import { createIds, tokens, uuidOf } from "./ids.ts";
import { currentExecution, currentMachine, currentStep } from "./machines/current-step.ts";
import { createRandom, type Random } from "./random.ts";
import type { CallFault } from "./scenario/call-faults.ts";
import type { Fault } from "./scenario/fault.ts";
import { createFaults, type Faults } from "./scenario/faults.ts";

export type { Random } from "./random.ts";

/** The one account of the simulated AWS. */
export const account = "111122223333";

/** An answer with an error, as the SDK throws it: code in `name`, HTTP status in `$metadata`. */
export class AwsError extends Error {
  readonly $fault: "client" | "server";
  readonly $metadata: { httpStatusCode: number };
  constructor(name: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message);
    this.name = name;
    this.$fault = status >= 500 ? "server" : "client";
    this.$metadata = { httpStatusCode: status };
    Object.assign(this, fields);
  }
}

/** One API operation: effect and answer at this instant. Throws AwsError. */
// biome-ignore lint/suspicious/noExplicitAny: each operation declares its own input type of the SDK
export type Operation = (input: any, at: At) => unknown;
export type At = { world: World; region: string; call: Call };
/** SDK service id -> operation. */
export type Services = Record<string, Record<string, Operation>>;

export type CallRecord = {
  /** ISO 8601: when the attempt was made. */
  at: string;
  service: string;
  operation: string;
  region: string;
  step: string;
  /** Whose state the step is; "" of a function that no machine invokes. */
  machine: string;
  /** ARN of the execution that invoked the step, as for `machine`. */
  execution: string;
  mutating: boolean;
  patience: Patience;
  /** `ok`, the error's name, or `pending` while there is no answer. */
  outcome: string;
  input: Record<string, unknown>;
};

/** An event as EventBridge gives it to a target. */
export type BusEvent = {
  version: "0";
  id: string;
  "detail-type": string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
};
/** What the service says; the bus adds the rest. */
export type Emitted = Pick<BusEvent, "detail-type" | "source" | "region" | "detail"> & { resources?: string[] };

export type ChangeWatch = (call: CallRecord) => () => void;

/** One simulated AWS account: its state, its clock, its chance, its faults, and what was asked of it. */
export type World = {
  seed: number;
  random: Random;
  /** ms, virtual. */
  now(): number;
  /** Does it then; `pending` counts what is still to come. */
  after(seconds: number, what: () => void): void;
  pending(): number;
  /** As `after`, for things that happen inside a Region: they wait while it is dark, and go on when it is back. */
  within(region: string, seconds: number, what: () => void): void;
  /** State of one service in one Region, made when first asked for. */
  region<T>(service: string, region: string, make: () => T): T;
  /** A new resource id, as in snap-0a1b2c3d4e5f60718. */
  id(prefix: string): string;
  /** A new id of the other kind, as in 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9. */
  uuid(): string;
  faults: Faults;
  journal: CallRecord[];
  /** Calls `watch` just before a call changes something, and what it gives at the same instant when that has been done. */
  onChange(watch: ChangeWatch): void;
  /** Does it under the eyes of those who watch. */
  change<T>(call: CallRecord, effect: () => T): T;
  /** Puts an event on the default bus of its Region; it arrives after a moment, if the faults let it. */
  emit(event: Emitted): void;
  onEvent(listen: (event: BusEvent) => void): void;
  /** Asked before each call as IAM is; throws what a denied caller gets. Without it everybody may do everything. */
  authorize: ((call: CallRecord) => void) | null;
  /** Drawn durations and other things that are asked for after the run. */
  notes: Map<string, unknown>;
};

export const createWorld = ({ seed, faults = [] }: { seed: number; faults?: readonly Fault[] }): World => {
  const random = createRandom(seed);
  const [bus, ids] = [random.fork("bus"), createIds(seed)];
  const states = new Map<string, unknown>();
  const listeners: ((event: BusEvent) => void)[] = [];
  const watches: ChangeWatch[] = [];
  let pending = 0;

  const world: World = {
    seed,
    random,
    now: () => Date.now(),
    after(seconds, what) {
      pending++;
      const wait = (left: number) =>
        setTimeout(() => {
          if (left > timerSecondsMax) return wait(left - timerSecondsMax);
          pending--;
          what();
        }, Math.min(left, timerSecondsMax) * 1_000);
      wait(seconds);
    },
    pending: () => pending,
    within(region, seconds, what) {
      world.after(seconds, () => {
        const upAt = world.faults.regionUpAt(region, world.now());
        if (upAt === world.now()) what();
        else if (Number.isFinite(upAt)) world.within(region, (upAt - world.now()) / 1_000 + 1, what);
      });
    },
    region<T>(service: string, region: string, make: () => T): T {
      const key = `${service} ${region}`;
      if (!states.has(key)) states.set(key, make());
      return states.get(key) as T;
    },
    id: ids,
    uuid: () => uuidOf(ids("")),
    faults: createFaults(faults),
    journal: [],
    onChange: (watch) => void watches.push(watch),
    change(call, effect) {
      const judges = watches.map((watch) => watch(call));
      const done = effect();
      for (const judge of judges) judge();
      return done;
    },
    emit(emitted) {
      const event: BusEvent = {
        version: "0",
        id: world.uuid(),
        account,
        // to the second, as EventBridge gives it
        time: isoOf(world.now()).replace(/\.\d{3}/, ""),
        resources: [],
        ...emitted,
      };
      if (world.faults.isRegionDown(event.region, world.now())) return;
      for (const seconds of world.faults.deliveriesOf(world.now(), bus))
        world.within(event.region, seconds, () => {
          for (const listen of listeners) listen(structuredClone(event));
        });
    },
    onEvent: (listen) => listeners.push(listen),
    authorize: null,
    notes: new Map(),
  };
  return world;
};

/** A timer of Node holds 2^31 - 1 ms; a longer one would fire at once. */
const timerSecondsMax = 2_000_000;

export const isoOf = (ms: number) => new Date(ms).toISOString();

/**
 * The simulated AWS as a Watch: it answers every call itself, and never lets one through to the network. `from`: the
 * caller's Region, null outside of every Region. `draws`: callers of another name have draws of their own, so that with them
 * nothing that the others meet comes at another moment.
 */
export const simulate = (
  world: World,
  services: Services,
  from: string | null = null,
  draws: Random = world.random,
): Watch => {
  const { latency, chance } = world.region("calls", draws === world.random ? "all" : `of ${from}`, () => ({
    latency: draws.fork("latency"),
    chance: draws.fork("calls"),
  }));
  return async (call) => {
    const { service, operation, region, mutating, patience, input } = call;
    const [step, machine] = [currentStep.getStore() ?? "", currentMachine.getStore() ?? ""];
    const record: CallRecord = {
      at: isoOf(world.now()),
      service,
      operation,
      region,
      step,
      machine,
      mutating,
      patience,
      execution: currentExecution.getStore() ?? "",
      outcome: "pending",
      input,
    };
    world.journal.push(record);
    call.signal.addEventListener("abort", () => {
      if (record.outcome === "pending") record.outcome = "TimeoutError";
    });
    try {
      const effect = services[service]?.[operation];
      if (!effect) throw new Error(`the simulator has no ${service}.${operation}`);
      const isNear = service === "DynamoDB" && region === from;
      await pause(drawn(latency, isNear ? tableSeconds : latencySeconds), call);
      await meet(world.faults.beforeCall(call, world.now(), chance, from));
      world.authorize?.(record);
      const token = tokens[`${service}.${operation}`];
      if (token && !input[token] && input.DryRun !== true)
        throw new AwsError("MissingParameter", `the request must give its own ${token}`);
      // a right is all that a dry run of these asks for; RunInstances looks at what it is given as well
      if (service === "EC2" && input.DryRun === true && operation !== "RunInstances")
        throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
      const act = () => effect(input, { world, region, call }) as object;
      const output = { ...(mutating ? world.change(record, act) : act()), $metadata: { httpStatusCode: 200 } };
      await meet(world.faults.afterCall(call, world.now(), chance));
      record.outcome = "ok";
      return { output, response: {} } satisfies Reply;
    } catch (error) {
      record.outcome = (error as { code?: string }).code ?? (error as Error).name;
      throw error;
    }
  };
};

const pause = (seconds: number, { signal }: Call) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1_000);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });

const meet = (fault: CallFault | null): Promise<void> | void => {
  if (!fault) return;
  if (fault.kind === "answer") throw new AwsError(fault.name, fault.message, fault.status);
  if (fault.kind === "socket") throw Object.assign(new Error(fault.message), { code: fault.code });
  return new Promise(() => {});
};
