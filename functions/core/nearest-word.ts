/** The allowed word that is at most a third of its letters away, or null; of two at the same distance the one that begins alike. */
export const nearestWord = (word: string, allowed: readonly string[]) => {
  const given = word.slice(0, 64).toLowerCase();
  const ranked = allowed
    .map((candidate) => ({ candidate, steps: stepsBetween(given, candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps || alike(given, b.candidate) - alike(given, a.candidate))[0];
  return ranked && ranked.steps <= Math.max(2, Math.floor(ranked.candidate.length / 3)) && ranked.steps < given.length
    ? ranked.candidate
    : null;
};

/** Letters at the beginning that are the same. */
const alike = (given: string, candidate: string) => {
  let same = 0;
  while (same < given.length && given[same] === candidate[same]?.toLowerCase()) same++;
  return same;
};

/** Levenshtein distance. */
const stepsBetween = (from: string, to: string) => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
};
