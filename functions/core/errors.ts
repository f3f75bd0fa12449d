/**
 * Every error that Lifeboat throws. The literal `name` is what `ErrorEquals` in the state machines matches,
 * so it survives minification. `hint` is the one line that says what the operator does next.
 */
export class LifeboatError extends Error {
  override name = "LifeboatError";
  readonly hint: string;
  constructor(message: string, hint = "", options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The plan, or the input of a machine, is wrong: its author mends it. */
export class PlanInvalidError extends LifeboatError {
  override name = "PlanInvalidError";
}

/** Policy says no. Nothing was changed. */
export class RefusedError extends LifeboatError {
  override name = "RefusedError";
}

/** Another execution holds the lease of this application. */
export class LeaseHeldError extends LifeboatError {
  override name = "LeaseHeldError";
}

/** The lease that this execution held has moved on: it must not change anything any more. */
export class StaleLeaseError extends LifeboatError {
  override name = "StaleLeaseError";
}

/** One resource cannot be recovered or protected; trying again changes nothing. */
export class ResourceFailedError extends LifeboatError {
  override name = "ResourceFailedError";
}

/** A passing fault (throttle, timeout, 5xx, lost reply): the machine's Retry runs the step again. */
export class TransientError extends LifeboatError {
  override name = "TransientError";
}

/** One step met nothing but passing faults for `limits.passingSeconds`: the machine does not run it again. */
export class WornOutError extends LifeboatError {
  override name = "WornOutError";
}

/** A bounded wait has used up its passes. */
export class DeadlineExceededError extends LifeboatError {
  override name = "DeadlineExceededError";
}

const hintMark = " -> ";

/** Lambda passes on only name and message: the message that carries the hint along. Saying it twice changes nothing. */
export const withHint = (message: string, hint: string) =>
  hint && !message.endsWith(hintMark + hint) ? message + hintMark + hint : message;

/** The two parts of what `withHint` made. */
export const splitHint = (text: string) => {
  const mark = text.lastIndexOf(hintMark);
  return mark < 0
    ? { message: text, hint: "" }
    : { message: text.slice(0, mark), hint: text.slice(mark + hintMark.length) };
};
