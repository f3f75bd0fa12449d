/** Orders of people to the controller of one application: one item of the table. Times are ISO 8601. */
export type Controls = {
  /** Nothing starts by itself while this is set. */
  paused: { at: string; by: string; reason: string | null } | null;
  /** The run that a person has taken note of: it blocks the next one no longer. */
  acknowledged: { run: string; at: string; by: string } | null;
};

export const noControls: Controls = { paused: null, acknowledged: null };
