import fc from 'fast-check'
import { test } from 'vitest'
import { emptyDocument, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit, invertEdit } from '../../../core/annotation/edit'
import { wholeBox } from '../../../core/contour/slice-mask'
import { unwrap } from '../../../../test/unwrap'
import { answerEdit, paintEdit } from './edits'

const SIDE_PX = 3
const pixels = fc
  .array(fc.constantFrom(0, 1), { minLength: SIDE_PX * SIDE_PX, maxLength: SIDE_PX * SIDE_PX })
  .map((bits) => Uint8Array.from(bits))
const verdict = fc.constantFrom(null, 'outlined' as const, 'nothing' as const, 'cannot-judge' as const)

const painted = (document: AnnotationDocument, after: Uint8Array) =>
  paintEdit(document, {
    ...{ title: 'Brush', tool: 'brush', structureId: 'one', label: 'Nodule 1' },
    changes: [
      {
        sliceIndex: 0,
        after: { widthPx: SIDE_PX, heightPx: SIDE_PX, pixels: after },
        box: wholeBox({ widthPx: SIDE_PX, heightPx: SIDE_PX }),
      },
    ],
  })

test('what marks a pixel answers “outlined”, what only erases leaves the answer, and one undo gives both back', () => {
  fc.assert(
    fc.property(pixels, pixels, verdict, (before, after, said) => {
      const blank = emptyDocument(SIDE_PX, SIDE_PX)
      const first = painted(blank, before)
      const drawn = first === null ? blank : unwrap(applyEdit(blank, first))
      const reason = 'motion'
      const document = unwrap(
        applyEdit(drawn, answerEdit(drawn, { ...drawn.answer, verdict: said, reason }, 'Answer')),
      )
      const edit = painted(document, after)
      if (edit === null) return
      const now = unwrap(applyEdit(document, edit))
      const marks = after.some((marked, at) => marked === 1 && before[at] === 0)
      const stays = said !== null && !marks
      if (now.answer.verdict !== (stays ? said : 'outlined')) throw new Error('another answer')
      if (now.answer.reason !== reason) throw new Error('the reason went')
      const back = unwrap(applyEdit(now, invertEdit(edit)))
      if (back.answer.verdict !== said) throw new Error('undo left the answer')
    }),
  )
})
