import type { Story } from "../story/played-story.ts";
import type { stateOf } from "../world/state-of.ts";

export type Invariant = { name: string; held: boolean; detail: string };

/** A played story, with what the controller has stored at its end. */
export type Seen = Story & ReturnType<typeof stateOf>;

/** What breaks the law, a sentence each. */
export type Law = (seen: Seen) => string[];
