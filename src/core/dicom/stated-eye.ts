import type { Warning } from '../../contract'
import { TAG } from './elements'
import type { Noted } from './noted'
import type { DataSet } from './read-elements'
import { code, items } from './values'

export type StatedEye = 'left' | 'right' | 'both'

const LATERALITY: Readonly<Record<string, StatedEye>> = { L: 'left', R: 'right', B: 'both' }

/** Sides and sided eyes of SNOMED CT, and of SRT before it (PS3.16 CID 244 and 4209), as scheme and code. */
const SIDES: Readonly<Record<string, StatedEye>> = {
  'SCT 7771000': 'left',
  'SCT 24028007': 'right',
  'SCT 51440002': 'both',
  'SCT 8966001': 'left',
  'SCT 18944008': 'right',
  'SCT 40638003': 'both',
  'SRT G-A101': 'left',
  'SRT G-A100': 'right',
  'SRT G-A102': 'both',
}

/** SNOMED-RT was called three ways. */
const schemeOf = (set: DataSet): string =>
  code(set, TAG.CodingSchemeDesignator).replace(/^(?:99SDM|SNM3)$/, 'SRT')
const sideOf = (set: DataSet): StatedEye | null =>
  SIDES[`${schemeOf(set)} ${code(set, TAG.CodeValue)}`] ?? null

/** The region's own side, or that of what modifies it. */
function regionSide(set: DataSet): StatedEye | null {
  const coded = items(set, TAG.AnatomicRegionSequence).flatMap((region) => [
    ...items(region, TAG.AnatomicRegionModifierSequence),
    region,
  ])
  for (const one of coded) {
    const side = sideOf(one)
    if (side !== null) return side
  }
  return null
}

/**
 * Which eye a picture is of, as the file states it: its own laterality (PS3.3 C.8.17.5), else that of its series
 * (C.7.3.1), else the side of the anatomic region (C.8.17.5); null where none of them says so. What contradicts what
 * stands before it is said.
 */
export function statedEye(set: DataSet): Noted<StatedEye | null> {
  const [first = null, ...others] = [
    LATERALITY[code(set, TAG.ImageLaterality)],
    LATERALITY[code(set, TAG.Laterality)],
    regionSide(set),
  ].filter((side) => side != null)
  const other = others.find((side) => side !== first)
  return {
    value: first,
    warnings: other === undefined || first === null ? [] : [contradiction(first, other)],
  }
}

const contradiction = (first: StatedEye, other: StatedEye): Warning => ({
  code: EYE_DOUBTED,
  text: `The file says ${eyeWords(first)} and, elsewhere, ${eyeWords(other)}: which it is should be looked at.`,
})

/** Code of the warning that what is said of the eye contradicts itself. */
export const EYE_DOUBTED = 'eye-doubted'

/** `left eye`, `both eyes`. */
export const eyeWords = (eye: StatedEye): string => (eye === 'both' ? 'both eyes' : `${eye} eye`)
