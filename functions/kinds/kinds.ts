import type { Resource } from "../core/model/plan.ts";
import type { Kind } from "./contract.ts";
import { instances } from "./instances/kind.ts";

/**
 * Every kind that a plan may name; a further one does not compile until it stands here. Commands choose by it. Steps import the
 * verbs of a kind directly: a table that is looked up by name would put every kind into each bundle.
 */
export const kinds: Record<Resource["kind"], Kind> = { instances };
