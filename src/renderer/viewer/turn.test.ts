import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canvasMap, pictureShape, toCanvas } from './camera'
import {
  AS_ACQUIRED,
  stepInPicture,
  type TurnStep,
  turnedBy,
  turnedLetters,
  turnWords,
  type Turn,
} from './turn'

const anyTurn = fc.record({ isMirrored: fc.boolean(), quarters: fc.constantFrom(0, 1, 2, 3) })
const ALL: readonly Turn[] = [false, true].flatMap((isMirrored) =>
  ([0, 1, 2, 3] as const).map((quarters) => ({ isMirrored, quarters })),
)

/** What each step does to a place of the screen about its middle, y downwards: written out, not worked out. */
const ON_SCREEN: Readonly<Record<TurnStep, (x: number, y: number) => readonly [number, number]>> = {
  'rotate-right': (x, y) => [-y, x],
  'rotate-left': (x, y) => [y, -x],
  'flip-across': (x, y) => [-x, y],
  'flip-down': (x, y) => [x, -y],
}
const STEPS = Object.keys(ON_SCREEN) as TurnStep[]

it('a step moves every pixel of the screen as its name says, whatever was done before', () => {
  const camera = { zoom: 1.5, centre: { column: 0, row: 0 } }
  const size = { width: 0, height: 0 }
  fc.assert(
    fc.property(anyTurn, fc.constantFrom(...STEPS), fc.integer(), fc.integer(), (turn, step, column, row) => {
      const at = (how: Turn) =>
        toCanvas(canvasMap(camera, pictureShape(9, 7, null, how), size), { column, row })
      const before = at(turn)
      const after = at(turnedBy(turn, step))
      const [x, y] = ON_SCREEN[step](before.x, before.y)
      expect([after.x + 0, after.y + 0]).toEqual([x + 0, y + 0])
    }),
  )
})

it('each turn is reached and undone by steps, says what it is, and only the one as acquired says nothing', () => {
  const reached = new Set<string>()
  const walk = (turn: Turn): void => {
    if (reached.has(JSON.stringify(turn))) return
    reached.add(JSON.stringify(turn))
    for (const step of STEPS) walk(turnedBy(turn, step))
  }
  walk(AS_ACQUIRED)
  expect(reached.size).toBe(8)
  expect(ALL.filter((turn) => turnWords(turn) === null)).toEqual([AS_ACQUIRED])
  expect(new Set(ALL.map(turnWords)).size).toBe(8)
  for (const turn of ALL) {
    expect(turnedBy(turnedBy(turn, 'rotate-right'), 'rotate-left')).toEqual(turn)
    expect(turnedBy(turnedBy(turn, 'flip-across'), 'flip-across')).toEqual(turn)
    expect(turnedBy(turnedBy(turn, 'flip-down'), 'flip-down')).toEqual(turn)
  }
})

it('letters go with the picture: the one at an edge is of the side of the picture that lies there', () => {
  const letters = { left: 'R', right: 'L', top: 'A', bottom: 'P' }
  const sides = { R: [-4, 0], L: [4, 0], A: [0, -3], P: [0, 3] } as const
  const edges = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] } as const
  for (const turn of ALL) {
    const map = canvasMap({ zoom: 1, centre: { column: 0, row: 0 } }, pictureShape(9, 7, null, turn), {
      width: 0,
      height: 0,
    })
    const turned = turnedLetters(letters, turn)
    for (const [edge, [x, y]] of Object.entries(edges)) {
      const letter = turned[edge as keyof typeof edges] as keyof typeof sides
      const [column, row] = sides[letter]
      const at = toCanvas(map, { column, row })
      expect([Math.sign(at.x) + 0, Math.sign(at.y) + 0]).toEqual([x, y])
    }
  }
  // A supine CT mirrored left to right has the patient's left on the left of the screen; on its side, front to the right.
  expect(turnedLetters(letters, { isMirrored: true, quarters: 0 }).left).toBe('L')
  expect(turnedLetters(letters, { isMirrored: false, quarters: 1 }).right).toBe('A')
})

it('an arrow moves what is drawn the way it points', () => {
  fc.assert(
    fc.property(anyTurn, fc.constantFrom([1, 0], [-1, 0], [0, 1], [0, -1]), (turn, [x = 0, y = 0]) => {
      const { columns, rows } = stepInPicture(turn, [x, y])
      const map = canvasMap({ zoom: 1, centre: { column: 0, row: 0 } }, pictureShape(9, 9, null, turn), {
        width: 0,
        height: 0,
      })
      const moved = toCanvas(map, { column: columns, row: rows })
      expect([moved.x + 0, moved.y + 0]).toEqual([x, y])
    }),
  )
})
