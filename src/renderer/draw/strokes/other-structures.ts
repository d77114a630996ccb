import { sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { outlineOf } from '../../../core/contour/rasterise'
import { boxOfPixels } from '../../../core/contour/slice-mask'
import { OWN_STYLE } from '../../../core/image/data-colours'
import type { ReaderOutline } from '../../viewer/viewport-types'

/** Yellow as all that is one's own, darkened: there, and not what is being drawn. */
const DIM = '#8f8a3c'
const DIM_DASH_PX: readonly number[] = [4, 3]

/** The own structures that are not being drawn, as they lie on one slice: they stay in sight, dim and dashed. */
export const otherStructures = (
  document: AnnotationDocument,
  chosenId: string,
  sliceIndex: number,
): readonly ReaderOutline[] =>
  document.structures
    .filter(({ structureId, slices }) => structureId !== chosenId && slices.has(sliceIndex))
    .map(({ structureId, label }) => {
      const mask = sliceMask(document, structureId, sliceIndex)
      return {
        letter: label,
        label,
        colourIndex: 0,
        rings: outlineOf(mask, boxOfPixels(mask)),
        visible: true,
        line: { colour: DIM, dashPx: DIM_DASH_PX, widthPx: OWN_STYLE.widthPx },
      }
    })
