import { accept, refuse, type Result } from '../../contract'
import type { DrawnLesion, DrawnSlice } from '../../core/exchange/drawn/drawn-lesion'
import type { ReportedTarget } from './infer-report'

/** Only pixels of the image itself can stand in files that other programs place on it. */
const isOfPixels = ({
  columnStep,
  rowStep,
}: {
  readonly columnStep: number
  readonly rowStep: number
}): boolean => columnStep === 1 && rowStep === 1

/**
 * What was drawn of a target, as it goes out: of a lesion that was followed, its own pieces alone; else all that the
 * samples draw on each slice. Refused: no run, and samples on a grid that is not that of the image.
 */
export function drawnLesionOf({ id, label, runs, whole }: ReportedTarget): Result<DrawnLesion> {
  const [first] = runs
  if (first === undefined) return refuse('not-found', 'There was nothing to run.')
  if (!runs.every(({ grid }) => isOfPixels(grid)))
    return refuse(
      'annotation-unsupported',
      'The model draws on a grid of its own, not on pixels of the image.',
    )
  const slices =
    whole === undefined || whole.slices.length === 0
      ? runs.map(({ report, grid, masks }): DrawnSlice => ({
          ...placeOf(report.sliceIndex ?? 0, grid),
          samples: masks.map(({ pixels }) => pixels),
        }))
      : whole.slices.map(({ sliceIndex, finding: { grid, pieces } }): DrawnSlice => ({
          ...placeOf(sliceIndex, grid),
          samples: pieces.map(({ own }) => own.pixels),
        }))
  return accept({ id, label, isWhole: whole !== undefined, run: first.run, slices })
}

const placeOf = (
  sliceIndex: number,
  { originColumn, originRow, widthPx, heightPx }: Omit<DrawnSlice, 'sliceIndex' | 'samples'>,
): Omit<DrawnSlice, 'samples'> => ({ sliceIndex, originColumn, originRow, widthPx, heightPx })
