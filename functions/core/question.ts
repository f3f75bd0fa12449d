/** What a run asks a person, and what it was told: one item of the table, beside its task token. Times are ISO 8601. */
export type Question = {
  /** Name and ARN of the execution that waits. */
  run: string;
  execution: string;
  code: "Incident" | "LooksHealthy" | "LossBudgetExceeded";
  because: string;
  askedAt: string;
  /** When the run goes on without an answer, as the plan's `otherwise` says. */
  until: string;
  answer: { approved: boolean; by: string; at: string } | null;
};
