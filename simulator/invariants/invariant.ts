/** Types: the result of an invariant, and the story that it is checked on. */

import type { Story } from "../story/played-story.ts";
import type { stateOf } from "../world/state-of.ts";

export type Invariant = { name: string; held: boolean; detail: string };

/** A played story, with what the controller has stored at its end. */
export type JudgedStory = Story & ReturnType<typeof stateOf>;

/** Checks one invariant: gives a sentence for each violation. */
export type InvariantCheck = (story: JudgedStory) => string[];
