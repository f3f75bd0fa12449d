/** Loaded into a process of a test by --import: its timers and its clock run twenty times as fast, so that it waits for nobody for long. */
const times = 20;
const { setTimeout: timeout, setInterval: interval } = globalThis;
type Timer = (callback: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) => NodeJS.Timeout;
const fast =
  (timer: Timer): Timer =>
  (callback, milliseconds = 0, ...args) =>
    timer(callback, milliseconds / times, ...args);
Object.assign(globalThis, { setTimeout: fast(timeout as Timer), setInterval: fast(interval as Timer) });
const [startedAt, now] = [Date.now(), Date.now];
Date.now = () => startedAt + (now() - startedAt) * times;
