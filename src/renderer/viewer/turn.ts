import type { EdgeLetters } from '../../core/geometry/orientation'

/**
 * How a picture is turned on the screen: first mirrored left to right, or not, then turned clockwise by quarters. The
 * eight turns are all ways to lay a rectangle on itself or on its side. Nothing but the screen is turned: indices,
 * outlines and exports stay those of the picture as it was acquired.
 */
export interface Turn {
  readonly isMirrored: boolean
  readonly quarters: 0 | 1 | 2 | 3
}

export const AS_ACQUIRED: Turn = { isMirrored: false, quarters: 0 }

export const isAsAcquired = ({ isMirrored, quarters }: Turn): boolean => !isMirrored && quarters === 0

/** What is done to the picture as it stands on the screen. */
export type TurnStep = 'rotate-right' | 'rotate-left' | 'flip-across' | 'flip-down'

const QUARTERS = [0, 1, 2, 3] as const
const quartersOf = (count: number): Turn['quarters'] => QUARTERS[(((count % 4) + 4) % 4) as Turn['quarters']]

/** The turn after one step. A mirror after a rotation is that mirror before the rotation the other way round. */
export function turnedBy({ isMirrored, quarters }: Turn, step: TurnStep): Turn {
  switch (step) {
    case 'rotate-right':
      return { isMirrored, quarters: quartersOf(quarters + 1) }
    case 'rotate-left':
      return { isMirrored, quarters: quartersOf(quarters - 1) }
    case 'flip-across':
      return { isMirrored: !isMirrored, quarters: quartersOf(-quarters) }
    case 'flip-down':
      return { isMirrored: !isMirrored, quarters: quartersOf(2 - quarters) }
  }
}

const ROTATED = ['', 'Rotated 90° clockwise', 'Rotated 180°', 'Rotated 90° anticlockwise'] as const

/** What the badge says; null for a picture as it was acquired. */
export function turnWords({ isMirrored, quarters }: Turn): string | null {
  if (!isMirrored) return quarters === 0 ? null : ROTATED[quarters]
  if (quarters === 0) return 'Flipped left–right'
  if (quarters === 2) return 'Flipped top–bottom'
  return `Flipped left–right, ${ROTATED[quarters].toLowerCase()}`
}

/** Steps on the canvas: x to the right, y downwards, each -1, 0 or 1. */
type Step = readonly [x: number, y: number]

/** Where one column further and one row further lie on the canvas. */
export function stepsOfTurn({ isMirrored, quarters }: Turn): { readonly column: Step; readonly row: Step } {
  let column: Step = [isMirrored ? -1 : 1, 0]
  let row: Step = [0, 1]
  // A quarter clockwise: what went right goes down, what went down goes left.
  for (let quarter = 0; quarter < quarters; quarter += 1) {
    column = [0 - column[1], column[0]]
    row = [0 - row[1], row[0]]
  }
  return { column, row }
}

/** A step of columns and rows for a step on the screen. */
export function stepInPicture(turn: Turn, [x, y]: Step): { readonly columns: number; readonly rows: number } {
  const { column, row } = stepsOfTurn(turn)
  return { columns: x * column[0] + y * column[1], rows: x * row[0] + y * row[1] }
}

/** Letters at the edges of the screen, from those at the edges of the picture. */
export function turnedLetters(letters: EdgeLetters, turn: Turn): EdgeLetters {
  const at = (step: Step): string => {
    const { columns, rows } = stepInPicture(turn, step)
    if (columns !== 0) return columns > 0 ? letters.right : letters.left
    return rows > 0 ? letters.bottom : letters.top
  }
  return { left: at([-1, 0]), right: at([1, 0]), top: at([0, -1]), bottom: at([0, 1]) }
}
