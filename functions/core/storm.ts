/** One application that wanted to move by itself: an entry of the list that all of this Region share. Times are ISO 8601. */
export type StormEntry = {
  application: string;
  priority: number;
  primary: string;
  /** Whether a witness that speaks for the Region said so. */
  regional: boolean;
  at: string;
};
