/** Which step, state machine and execution makes a call: carried by asynchronous context. */

import { AsyncLocalStorage } from "node:async_hooks";

/** Name of the step (ASL state) that makes the calls of this asynchronous context; the runner sets it. */
export const currentStep = new AsyncLocalStorage<string>();

/** Name of the machine that invokes the step; nothing when a schedule or an event does. */
export const currentMachine = new AsyncLocalStorage<string>();

/** ARN of the execution that invokes the step; nothing when a schedule or an event does. */
export const currentExecution = new AsyncLocalStorage<string>();
