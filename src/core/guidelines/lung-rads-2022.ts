import { below, cutAt, roundHalfUp, type Cut } from './classes'
import type { NoduleKind } from '../../contract'

/**
 * Size classes of Lung-RADS v2022 (American College of Radiology) at a first screening: mean diameter to one decimal,
 * volume to whole mm³. Classes of size alone: new and growing nodules, airways and morphology have their own rules.
 * The solid part of a part-solid nodule is not outlined by the model, so that only its first cut can be told.
 */
export const LUNG_RADS_2022 = 'Lung-RADS v2022'

const tenths = roundHalfUp(1)
const wholeMm3 = roundHalfUp(0)

const DIAMETER_CUTS: Readonly<Record<NoduleKind, Cut>> = {
  solid: cutAt(
    [below(6, '2: < 6 mm'), below(8, '3: 6 to < 8 mm'), below(15, '4A: 8 to < 15 mm')],
    '4B: ≥ 15 mm',
    tenths,
  ),
  'part-solid': cutAt([below(6, '2: < 6 mm in all')], '≥ 6 mm: by its solid part', tenths),
  'ground-glass': cutAt([below(30, '2: < 30 mm')], '3: ≥ 30 mm', tenths),
}

const VOLUME_CUTS: Readonly<Record<NoduleKind, Cut>> = {
  solid: cutAt(
    [below(113, '2: < 113 mm³'), below(268, '3: 113 to < 268 mm³'), below(1767, '4A: 268 to < 1767 mm³')],
    '4B: ≥ 1767 mm³',
    wholeMm3,
  ),
  'part-solid': cutAt([below(113, '2: < 113 mm³ in all')], '≥ 113 mm³: by its solid part', wholeMm3),
  'ground-glass': cutAt([below(14_137, '2: < 14 137 mm³')], '3: ≥ 14 137 mm³', wholeMm3),
}

/** The cut of mean diameters in mm. */
export const lungRadsDiameterCut = (kind: NoduleKind): Cut => DIAMETER_CUTS[kind]
/** The cut of volumes in mm³. */
export const lungRadsVolumeCut = (kind: NoduleKind): Cut => VOLUME_CUTS[kind]
