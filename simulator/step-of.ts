import { AsyncLocalStorage } from "node:async_hooks";

/** Name of the step (ASL state) that makes the calls of this asynchronous context; the runner sets it. */
export const stepOf = new AsyncLocalStorage<string>();
