/**
 * Which reading of a rater at an image counts in figures: the first of these. What was read in a panel comes before what
 * was read beside it, since the panel's protocol holds for it alone; then what was begun first, since what came after it
 * may have been drawn knowing the others.
 */
export const inCountingOrder = <T extends { readonly panelId: string | null; readonly openedAt: string }>(
  attempts: readonly T[],
): readonly T[] =>
  attempts.toSorted(
    (a, b) => Number(a.panelId === null) - Number(b.panelId === null) || a.openedAt.localeCompare(b.openedAt),
  )
