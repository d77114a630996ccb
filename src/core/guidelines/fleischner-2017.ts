import { below, cutAt, roundHalfUp, type Cut } from './classes'
import type { NoduleKind, Warning } from '../../contract'
import { formatPlain } from '../words/numbers'

/**
 * Size classes of the Fleischner Society 2017 (MacMahon et al., Radiology 2017;284:228): incidental nodules of adults
 * of 35 years or more, no cancer known, no screening. The mean of long and short axis of one plane, rounded to whole
 * millimetres, so that 6 and 8 both belong to the middle class and 8.5 does not. The volumes are the guideline's own,
 * not those of spheres of these diameters.
 */
export const FLEISCHNER_2017 = 'Fleischner 2017'

/** Sections thicker than this are outside of what the guideline assumes. */
const THICKEST_MM = 1.5

/** The warning that goes with classes of thicker sections; null where they are thin enough, or nobody knows. */
export const tooThick = (sliceThicknessMm: number | null): Warning | null =>
  sliceThicknessMm === null || sliceThicknessMm <= THICKEST_MM
    ? null
    : {
        code: 'thicker-than-guideline',
        text: `Slices are ${formatPlain(sliceThicknessMm)} mm thick; ${FLEISCHNER_2017} assumes ${THICKEST_MM} mm or less for its size classes.`,
      }

const wholeMm = roundHalfUp(0)
const asItIs = (mm3: number): number => mm3
const SMALL_MM = below(6, '< 6 mm')
const SMALL_MM3 = below(100, '< 100 mm³')
const SOLID_MM = cutAt([SMALL_MM, { upTo: 8, name: '6–8 mm' }], '> 8 mm', wholeMm)
const SUBSOLID_MM = cutAt([SMALL_MM], '≥ 6 mm', wholeMm)
const SOLID_MM3 = cutAt([SMALL_MM3, { upTo: 250, name: '100–250 mm³' }], '> 250 mm³', asItIs)
const SUBSOLID_MM3 = cutAt([SMALL_MM3], '≥ 100 mm³', asItIs)

/** The cut of mean diameters in mm. */
export const fleischnerDiameterCut = (kind: NoduleKind): Cut => (kind === 'solid' ? SOLID_MM : SUBSOLID_MM)
/** The cut of volumes in mm³. */
export const fleischnerVolumeCut = (kind: NoduleKind): Cut => (kind === 'solid' ? SOLID_MM3 : SUBSOLID_MM3)
