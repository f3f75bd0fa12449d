/** `problems` refuse the run, all at once; `warnings` are told and go on. Each is a sentence. */
export type Findings = { problems: string[]; warnings: string[] };

export const joined = (all: Findings[]): Findings => ({
  problems: all.flatMap(({ problems }) => problems),
  warnings: all.flatMap(({ warnings }) => warnings),
});
