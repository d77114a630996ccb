import type { Orientation } from '../../contract'
import { planeNormal } from './orientation'

/** Numbers of slices run with the index of the stack, or against it. */
export type SliceNumbering = 'up' | 'down'

/** What the numbering of a stack follows from; slices ascend along the normal where they have places. */
export interface NumberedStack {
  readonly modality: string
  /** Null where the slices have no places: they then stand in the order of their Instance Numbers. */
  readonly orientation: Orientation | null
  readonly first: NumberedSlice | undefined
  readonly last: NumberedSlice | undefined
}

export interface NumberedSlice {
  readonly instanceNumber: number | null
  readonly frame: number
}

/** A normal within 45 degrees of the body's long axis is that of an axial slice. */
const AXIAL_COSINE = Math.SQRT1_2

/**
 * Which end slice 1 is. Axial CT is counted from the head, whatever its Instance Numbers; every other stack as its
 * files are numbered, and along the normal where they say nothing (decision 0074). LPS: z rises towards the head.
 */
export function sliceNumbering({ modality, orientation, first, last }: NumberedStack): SliceNumbering {
  const alongHead = orientation === null ? 0 : planeNormal(orientation)[2]
  if (modality === 'CT' && Math.abs(alongHead) > AXIAL_COSINE) return alongHead > 0 ? 'down' : 'up'
  if (orientation === null || first === undefined || last === undefined) return 'up'
  const numbers =
    first.instanceNumber === null || last.instanceNumber === null
      ? 0
      : last.instanceNumber - first.instanceNumber
  return (numbers === 0 ? last.frame - first.frame : numbers) < 0 ? 'down' : 'up'
}

/** A stack whose slices have numbers. */
export interface CountedStack {
  readonly numbering: SliceNumbering
  readonly count: number
}

/** The number of a slice as people count, from 1. */
export const sliceNumber = ({ numbering, count }: CountedStack, index: number): number =>
  numbering === 'up' ? index + 1 : count - index

/** The index of the slice that has a number; null where no slice has it. */
export function sliceOfNumber({ numbering, count }: CountedStack, number: number): number | null {
  if (!Number.isInteger(number) || number < 1 || number > count) return null
  return numbering === 'up' ? number - 1 : count - number
}

interface DescribedSeries {
  readonly summary: { readonly modality: string }
  readonly orientation: Orientation | null
  readonly slices: readonly (NumberedSlice & { readonly alongNormalMm: number | null })[]
}

/** How the slices of an opened series are counted. */
export function countedStack({ summary, orientation, slices }: DescribedSeries): CountedStack {
  const [first, last] = [slices[0], slices.at(-1)]
  const isPlaced = first !== undefined && first.alongNormalMm !== null
  const numbering = sliceNumbering({
    modality: summary.modality,
    orientation: isPlaced ? orientation : null,
    first,
    last,
  })
  return { numbering, count: slices.length }
}
