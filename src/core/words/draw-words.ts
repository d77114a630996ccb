import type { Draws } from '../../contract'

/** How samples were drawn, beside their number: on the page, in figures and in files. */
export const drawWords = (draws: Draws): string =>
  draws === 'even' ? 'spread evenly' : 'drawn independently'
