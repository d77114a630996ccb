import fc from 'fast-check'
import type {
  Answer,
  DocumentEdit,
  DrawnDocument,
  JournalEntry,
  NewEntry,
  Origin,
  Result,
} from '../../../src/contract'
import {
  documentPieces,
  drawnInSteps,
  emptyDocument,
  findStructure,
  fromDrawnInSteps,
  sliceMask,
  type AnnotationDocument,
  type OriginStarts,
} from '../../../src/core/annotation/document'
import { applyEdit, deletion } from '../../../src/core/annotation/edit'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { wholeBox } from '../../../src/core/contour/slice-mask'
import { runThrough } from '../../../src/core/measures/steps'

/** Gestures for property tests: a `Move` is drawn blindly and becomes an edit of whatever document it meets. */

/** Wider than a tile, so that edits cross the seam between tiles. */
export const WIDTH_PX = 67
export const HEIGHT_PX = 66

export interface Move {
  readonly act: 'brush' | 'erase' | 'start' | 'end-start' | 'add' | 'delete' | 'rename' | 'answer' | 'both'
  readonly which: number
  readonly slice: number
  readonly column: number
  readonly row: number
  readonly side: number
  readonly word: string
}

/** `structures`: how many ids there are to collide on; boxes lie around the corner where four tiles meet. */
export const moves = (structures = 3): fc.Arbitrary<Move> =>
  fc.record({
    act: fc.oneof(
      { weight: 5, arbitrary: fc.constant('brush' as const) },
      { weight: 3, arbitrary: fc.constant('erase' as const) },
      {
        weight: 5,
        arbitrary: fc.constantFrom<Move['act']>(
          'start',
          'end-start',
          'add',
          'delete',
          'rename',
          'answer',
          'both',
        ),
      },
    ),
    which: fc.nat({ max: structures - 1 }),
    slice: fc.nat({ max: 2 }),
    column: fc.integer({ min: 60, max: 66 }),
    row: fc.integer({ min: 60, max: 65 }),
    side: fc.integer({ min: 1, max: 5 }),
    word: fc.constantFrom('Nodule', 'Lobe', 'é “x”', 'Vessel'),
  })

export const idOf = (move: Move): string => `s${move.which}`

export const originNamed = (word: string): Origin => ({
  kind: 'sample',
  model: word,
  modelSha256: null,
  seed: 1,
  sampleIndex: 3,
  bandShare: null,
  readingId: null,
  diceToOrigin: null,
})

/** The paint that sets (1) or clears (0) the square of a move, or null where that changes nothing. */
function square(document: AnnotationDocument, move: Move, value: 0 | 1): DocumentEdit | null {
  const structure = findStructure(document, idOf(move))
  if (structure === undefined) return null
  const before = sliceMask(document, idOf(move), move.slice)
  const pixels = before.pixels.slice()
  for (let row = move.row; row < Math.min(HEIGHT_PX, move.row + move.side); row += 1) {
    const start = row * WIDTH_PX
    pixels.fill(value, start + move.column, start + Math.min(WIDTH_PX, move.column + move.side))
  }
  const patch = makePatch(before, { ...before, pixels }, wholeBox(before))
  if (patch.box.widthPx === 0) return null
  const starts = move.act === 'start' || move.act === 'end-start'
  const to = move.act === 'start' ? originNamed(move.word) : null
  return {
    kind: 'paint',
    title: `${move.act} ${move.side} px, slice ${move.slice + 1}`,
    structureId: idOf(move),
    tool: 'brush',
    slices: [{ sliceIndex: move.slice, patch }],
    origin: starts ? { from: structure.origin, to } : null,
  }
}

function answerOf({ answer }: AnnotationDocument, move: Move): DocumentEdit {
  const changes: Partial<Answer>[] = [
    { verdict: 'outlined' },
    { verdict: 'nothing' },
    { verdict: 'cannot-judge', reason: move.word },
    { comment: move.word },
    { confidence: move.side },
  ]
  return { kind: 'answer', title: 'Answer', from: answer, to: { ...answer, ...changes[move.side - 1] } }
}

/** The edit that a move makes of a document, or null where it makes none. */
export function editOf(document: AnnotationDocument, move: Move): DocumentEdit | null {
  const structureId = idOf(move)
  const structure = findStructure(document, structureId)
  switch (move.act) {
    case 'brush':
    case 'start':
      return square(document, move, 1)
    case 'erase':
    case 'end-start':
      return square(document, move, 0)
    case 'add':
      return structure === undefined
        ? {
            kind: 'add-structure',
            title: 'New structure',
            structureId,
            label: move.word,
            position: move.side % (document.structures.length + 1),
          }
        : null
    case 'delete':
      return structure === undefined ? null : taken(deletion(document, structureId, 'Delete'))
    case 'rename':
      return structure === undefined || structure.label === move.word
        ? null
        : { kind: 'rename-structure', title: 'Rename', structureId, from: structure.label, to: move.word }
    case 'answer':
      return answerOf(document, move)
    case 'both': {
      const first = editOf(document, { ...move, act: structure === undefined ? 'add' : 'erase' })
      if (first === null || first.kind === 'several') return null
      const second = editOf(taken(applyEdit(document, first)), {
        ...move,
        act: 'brush',
        column: 62,
        slice: 1,
      })
      if (second === null || second.kind === 'several') return null
      return { kind: 'several', title: 'Two at once', edits: [first, second] }
    }
  }
}

/** The value of a success; a refusal fails the test with its words. */
export function taken<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}

export const BLANK = emptyDocument(WIDTH_PX, HEIGHT_PX)

/** A document that has structures s0 and s1 with something drawn in them, after random moves. */
export function documentAfter(start: AnnotationDocument, drawn: readonly Move[]): AnnotationDocument {
  return editsOf(start, drawn).reduce((document, edit) => taken(applyEdit(document, edit)), start)
}

/** The edits that moves make, one after another. */
export function editsOf(start: AnnotationDocument, drawn: readonly Move[]): readonly DocumentEdit[] {
  const edits: DocumentEdit[] = []
  let document = start
  for (const move of drawn) {
    const edit = editOf(document, move)
    if (edit === null) continue
    document = taken(applyEdit(document, edit))
    edits.push(edit)
  }
  return edits
}

export const begin: Move = { act: 'add', which: 0, slice: 0, column: 62, row: 62, side: 4, word: 'Nodule' }

/** Two structures with something drawn in them, one of them started from a sample: on it most moves do something. */
export const START = documentAfter(BLANK, [
  begin,
  { ...begin, which: 1, word: 'Lobe' },
  { ...begin, act: 'brush' },
  { ...begin, which: 1, act: 'start', slice: 1 },
])

export const entryIdOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** Entries as a store would keep them: numbered on from `after`. */
export const stored = (
  entries: readonly Pick<NewEntry, 'edit' | 'undoes'>[],
  after = 0,
  firstId = 1,
): readonly JournalEntry[] =>
  entries.map(({ edit, undoes }, index) => ({
    entryId: entryIdOf(firstId + index),
    revision: after + index + 1,
    at: '2026-01-01T00:00:00.000Z',
    edit,
    undoes,
  }))

export const plain = (edits: readonly DocumentEdit[]): readonly Pick<NewEntry, 'edit' | 'undoes'>[] =>
  edits.map((edit) => ({ edit, undoes: null }))

/** What the program does in turns, at once. */
export const toDrawn = (document: AnnotationDocument, starts?: OriginStarts): DrawnDocument =>
  runThrough(drawnInSteps(document, starts))
export const fromDrawn = (drawn: DrawnDocument): Result<AnnotationDocument> =>
  runThrough(fromDrawnInSteps(drawn))
export const documentBytes = (document: AnnotationDocument): Uint8Array =>
  new TextEncoder().encode([...documentPieces(document)].join(''))

/** The comparison of a test framework looks at every byte by itself, and is slow. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

export const sameDocument = (a: AnnotationDocument, b: AnnotationDocument): boolean =>
  sameBytes(documentBytes(a), documentBytes(b))
