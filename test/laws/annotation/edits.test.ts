import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DocumentEdit, DrawnDocument } from '../../../src/contract'
import {
  NO_ANSWER,
  originFigure,
  readyToCommit,
  sliceMask,
  type AnnotationDocument,
} from '../../../src/core/annotation/document'
import { applyEdit, deletion, invertEdit } from '../../../src/core/annotation/edit'
import {
  BLANK,
  documentAfter,
  documentBytes,
  editOf,
  editsOf,
  fromDrawn,
  HEIGHT_PX,
  moves,
  originNamed,
  sameBytes,
  sameDocument,
  taken,
  toDrawn,
  WIDTH_PX,
  type Move,
} from './gestures'

const sequences = fc.array(moves(), { maxLength: 25 })
const begun: Move = { act: 'add', which: 0, slice: 0, column: 62, row: 62, side: 4, word: 'Nodule' }

describe('gestures', () => {
  test('apply then invert is identity, inverting twice too, and the given document stays', () => {
    fc.assert(
      fc.property(sequences, moves(), (past, move) => {
        const document = documentAfter(BLANK, past)
        const kept = documentBytes(document)
        const edit = editOf(document, move)
        fc.pre(edit !== null)
        const after = taken(applyEdit(document, edit))
        expect(sameBytes(documentBytes(document), kept)).toBe(true)
        expect(sameBytes(documentBytes(taken(applyEdit(after, invertEdit(edit)))), kept)).toBe(true)
        expect(invertEdit(invertEdit(edit))).toEqual(edit)
        expect(DocumentEdit.parse(JSON.parse(JSON.stringify(edit)))).toEqual(edit)
      }),
      { seed: 101, numRuns: 60 },
    )
  })

  test('a mask holds what a plain array of pixels would, across the seams of tiles', () => {
    fc.assert(
      fc.property(fc.array(moves(1), { maxLength: 30 }), (past) => {
        const naive = [0, 1, 2].map(() => new Uint8Array(WIDTH_PX * HEIGHT_PX))
        let document = documentAfter(BLANK, [begun])
        for (const move of past) {
          if (move.act !== 'brush' && move.act !== 'erase') continue
          const edit = editOf(document, move)
          if (edit !== null) document = taken(applyEdit(document, edit))
          for (let row = move.row; row < Math.min(HEIGHT_PX, move.row + move.side); row += 1) {
            for (
              let column = move.column;
              column < Math.min(WIDTH_PX, move.column + move.side);
              column += 1
            ) {
              const pixels = naive[move.slice]
              if (pixels) pixels[row * WIDTH_PX + column] = move.act === 'brush' ? 1 : 0
            }
          }
        }
        naive.forEach((pixels, slice) => {
          expect(sameBytes(sliceMask(document, 's0', slice).pixels, pixels)).toBe(true)
        })
      }),
      { seed: 102 },
    )
  })

  test('a gesture shares what it leaves alone', () => {
    const document = documentAfter(BLANK, [begun, { ...begun, act: 'brush', column: 60, side: 5 }])
    const edit = editOf(document, { ...begun, act: 'brush', slice: 2, column: 66, row: 65, side: 1 })
    expect(edit).not.toBeNull()
    const after = edit && taken(applyEdit(document, edit))
    expect(after?.structures[0]?.slices.get(0)).toBe(document.structures[0]?.slices.get(0))
    expect(after?.answer).toBe(document.answer)
    expect(after?.structures[0]?.slices.get(2)?.tiles.filter((tile) => tile !== null)).toHaveLength(1)
  })

  test('the order of patches on different slices does not matter', () => {
    fc.assert(
      fc.property(sequences, moves(1), moves(1), (past, one, other) => {
        const document = documentAfter(BLANK, [begun, ...past.filter(({ act }) => act !== 'delete')])
        const first = editOf(document, { ...one, act: 'brush', slice: 0 })
        const second = editOf(document, { ...other, act: 'erase', slice: 1 })
        fc.pre(first !== null && second !== null)
        const there = taken(applyEdit(taken(applyEdit(document, first)), second))
        const back = taken(applyEdit(taken(applyEdit(document, second)), first))
        expect(sameDocument(there, back)).toBe(true)
      }),
      { seed: 103, numRuns: 30 },
    )
  })

  test('one pixel that is not as before refuses the whole gesture', () => {
    const document = documentAfter(BLANK, [begun])
    const edit = editOf(document, { ...begun, act: 'brush' })
    const other = documentAfter(document, [{ ...begun, act: 'brush', side: 1 }])
    expect(edit && applyEdit(other, edit)).toMatchObject({
      ok: false,
      refusal: {
        code: 'annotation-mismatch',
        reason: expect.stringContaining('slice with index 0 of “Nodule”') as string,
      },
    })
    const small: AnnotationDocument = { ...document, widthPx: 64, heightPx: 64 }
    expect(edit && applyEdit(small, edit)).toMatchObject({ refusal: { code: 'annotation-mismatch' } })
  })

  test('what does not fit is refused by name', () => {
    const document = documentAfter(BLANK, [begun, { ...begun, act: 'brush' }])
    const structure = { title: 'x', structureId: 's0', label: 'Nodule', position: 0 }
    const refusals: [DocumentEdit, string, string][] = [
      [{ kind: 'add-structure', ...structure }, 'request-invalid', 'The id s0 is taken'],
      [
        { kind: 'add-structure', ...structure, structureId: 's1', position: 2 },
        'request-invalid',
        'no place 3',
      ],
      [{ kind: 'remove-structure', ...structure }, 'request-invalid', 'still holds'],
      [{ kind: 'remove-structure', ...structure, structureId: 's9' }, 'not-found', 's9'],
      [
        { kind: 'rename-structure', title: 'x', structureId: 's0', from: 'Lobe', to: 'Vessel' },
        'annotation-mismatch',
        'was called “Lobe”',
      ],
      [
        { kind: 'answer', title: 'x', from: { ...NO_ANSWER, comment: 'z' }, to: NO_ANSWER },
        'annotation-mismatch',
        'The answer',
      ],
    ]
    for (const [edit, code, words] of refusals) {
      expect(applyEdit(document, edit)).toMatchObject({
        ok: false,
        refusal: { code, reason: expect.stringContaining(words) as string },
      })
    }
    expect(deletion(document, 's9', 'Delete')).toMatchObject({ refusal: { code: 'not-found' } })
  })
})

describe('the document', () => {
  test('drawn, sent and read back it is the same', () => {
    fc.assert(
      fc.property(sequences, (past) => {
        const document = documentAfter(BLANK, past)
        const drawn = DrawnDocument.parse(JSON.parse(JSON.stringify(toDrawn(document))))
        expect(drawn).toEqual(toDrawn(document))
        expect(sameDocument(taken(fromDrawn(drawn)), document)).toBe(true)
      }),
      { seed: 104 },
    )
  })

  test('its bytes are the same for the same content, whatever led to it, and differ with any pixel or word', () => {
    fc.assert(
      fc.property(sequences, sequences, (past, other) => {
        const a = documentAfter(BLANK, past)
        const reordered = {
          ...a,
          structures: a.structures.map((one) => ({ ...one, slices: new Map([...one.slices].reverse()) })),
        }
        expect(sameDocument(reordered, a)).toBe(true)
        const detour = editsOf(a, other).reduceRight(
          (document, edit) => taken(applyEdit(document, invertEdit(edit))),
          documentAfter(a, other),
        )
        expect(sameDocument(detour, a)).toBe(true)
        const b = documentAfter(BLANK, other)
        expect(sameDocument(a, b)).toBe(JSON.stringify(toDrawn(a)) === JSON.stringify(toDrawn(b)))
      }),
      { seed: 105, numRuns: 60 },
    )
    const a = documentAfter(BLANK, [begun, { ...begun, act: 'brush' }])
    const b = documentAfter(a, [{ ...begun, act: 'brush', row: 61, side: 1 }])
    expect(sameDocument(a, b)).toBe(false)
  })

  test('a damaged document is refused', () => {
    const drawn = toDrawn(documentAfter(BLANK, [begun, { ...begun, act: 'brush' }]))
    const [structure] = drawn.structures
    if (structure === undefined) throw new Error('nothing drawn')
    const twice = { ...drawn, structures: [structure, structure] }
    expect(fromDrawn(twice)).toMatchObject({ refusal: { code: 'annotation-damaged' } })
    const [slice] = structure.slices
    const slices = slice === undefined ? [] : [slice, slice]
    expect(fromDrawn({ ...drawn, structures: [{ ...structure, slices }] })).toMatchObject({
      refusal: { code: 'annotation-damaged' },
    })
    expect(fromDrawn({ ...drawn, widthPx: 63 })).toMatchObject({ refusal: { code: 'annotation-mismatch' } })
  })

  test('is committed with an answer that fits what is drawn, and with no other', () => {
    const empty = documentAfter(BLANK, [begun])
    const drawn = documentAfter(empty, [{ ...begun, act: 'brush' }])
    const erased = documentAfter(drawn, [{ ...begun, act: 'erase' }])
    const with_ = (document: AnnotationDocument, answer: Partial<AnnotationDocument['answer']>): boolean =>
      readyToCommit({ ...document, answer: { ...NO_ANSWER, ...answer } }, []).ok
    expect([empty, drawn].map((document) => with_(document, {}))).toEqual([false, false])
    expect([empty, erased, drawn].map((document) => with_(document, { verdict: 'outlined' }))).toEqual([
      false,
      false,
      true,
    ])
    expect([empty, erased, drawn].map((document) => with_(document, { verdict: 'nothing' }))).toEqual([
      true,
      true,
      false,
    ])
    expect(with_(empty, { verdict: 'cannot-judge', reason: ' ' })).toBe(false)
    expect(with_(empty, { verdict: 'cannot-judge', reason: 'Motion' })).toBe(true)
  })

  test('an origin carries its Dice over the slices of the start alone', () => {
    // 4 × 4 started on slice 1; later 2 × 4 of it erased, and 5 × 5 added on slice 3: 2 * 8 / (8 + 16).
    const started = documentAfter(BLANK, [begun, { ...begun, act: 'start' }])
    const start = started.structures[0]?.slices
    expect(started.structures[0]?.origin).toEqual(originNamed('Nodule'))
    expect(originFigure(started, 's0', start)).toBe(1)
    const cut = documentAfter(started, [
      { ...begun, act: 'erase', column: 60, side: 4, row: 62 },
      { ...begun, act: 'brush', slice: 2, column: 60, row: 60, side: 5 },
    ])
    expect(originFigure(cut, 's0', start)).toBeCloseTo(16 / 24, 12)
    expect(toDrawn(cut, new Map([['s0', start ?? new Map()]])).structures[0]?.origin?.diceToOrigin).toBe(
      16 / 24,
    )
    expect(toDrawn(cut).structures[0]?.origin?.diceToOrigin).toBeNull()
    expect(originFigure(documentAfter(BLANK, [begun]), 's0', start)).toBeNull()
  })
})
