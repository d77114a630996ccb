import { z } from 'zod'
import { SlicePlace } from './geometry'
import { Draws } from './http/inference'

/**
 * Pixels that a gesture changed on one slice: a box, and what it held before and after as run lengths
 * (`core/contour/mask-patch.ts` reads and writes them; base64). Applied to a mask that does not hold in the box what
 * stands in `before`, it is refused: nothing is guessed. The inverse swaps the two.
 */
export const MaskPatch = z.strictObject({
  box: z.strictObject({
    column: z.number().int().nonnegative(),
    row: z.number().int().nonnegative(),
    widthPx: z.number().int().positive(),
    heightPx: z.number().int().positive(),
  }),
  before: z.string().max(4_000_000),
  after: z.string().max(4_000_000),
})
export type MaskPatch = z.infer<typeof MaskPatch>

/**
 * What an outline was started from. `diceToOrigin` is that of the structure as it stands now against the start, over
 * all slices of the start; the program computes it, the page does not send it.
 */
export const Origin = z.strictObject({
  kind: z.enum(['sample', 'median', 'band', 'peer', 'consensus']),
  model: z.string().nullable(),
  modelSha256: z.string().nullable(),
  seed: z.number().int().nonnegative().nullable(),
  sampleIndex: z.number().int().nonnegative().nullable(),
  /** How the run drew; not told of runs from before version 0.2, whose samples are independent. */
  draws: Draws.optional(),
  /** Share of samples whose hull the edge is (0.5, 0.9). */
  bandShare: z.number().nullable(),
  readingId: z.string().nullable(),
  diceToOrigin: z.number().min(0).max(1).nullable(),
})
export type Origin = z.infer<typeof Origin>

const Words = z.string().min(1).max(120)
const StructureId = z.string().min(1).max(64)

/**
 * The answers, none of which stands for another: `outlined`; `nothing` (looked, and there is nothing);
 * `cannot-judge` (with a reason). "Not read" is the absence of a committed attempt and is never stored in one.
 */
export const Verdict = z.enum(['outlined', 'nothing', 'cannot-judge'])
export type Verdict = z.infer<typeof Verdict>

export const Answer = z.strictObject({
  verdict: Verdict.nullable(),
  /** Asked for with `cannot-judge`. */
  reason: z.string().max(2000),
  /** How sure the reader is that it is there, 1 (guess) to 5 (certain). */
  confidence: z.number().int().min(1).max(5).nullable(),
  comment: z.string().max(4000),
})
export type Answer = z.infer<typeof Answer>

/** A structure of the list: its name and its place. */
const listed = {
  title: Words,
  structureId: StructureId,
  label: z.string().min(1).max(80),
  position: z.number().int().nonnegative(),
}

/**
 * One gesture: a small value, applied and inverted by pure functions (`core/annotation/edit.ts`). `title` is what the
 * history and the undo button say ("Brush 4.8 mm, slice 40").
 */
const editKinds = [
  z.strictObject({ kind: z.literal('add-structure'), ...listed }),
  /** Only an empty structure goes: what it holds is cleared by a `paint` in the same gesture, see `several`. */
  z.strictObject({ kind: z.literal('remove-structure'), ...listed }),
  z.strictObject({
    kind: z.literal('rename-structure'),
    title: Words,
    structureId: StructureId,
    from: z.string().min(1).max(80),
    to: z.string().min(1).max(80),
  }),
  z.strictObject({
    kind: z.literal('paint'),
    title: Words,
    structureId: StructureId,
    tool: z.string().min(1).max(40),
    slices: z
      .array(
        /**
         * By its instance a slice is found again when others have come or gone: whoever keeps or sends a gesture says it.
         * Absent for photographs and in older journals.
         */
        SlicePlace.extend({ patch: MaskPatch }),
      )
      .min(1)
      .max(4096),
    /** Present where the gesture starts the structure from something drawn by the model or a peer, or ends that. */
    origin: z.strictObject({ from: Origin.nullable(), to: Origin.nullable() }).nullable(),
  }),
  z.strictObject({ kind: z.literal('answer'), title: Words, from: Answer, to: Answer }),
] as const
export const SingleEdit = z.discriminatedUnion('kind', editKinds)
export type SingleEdit = z.infer<typeof SingleEdit>

/** Several edits that are one gesture, applied in order and inverted backwards; not nested. */
const SeveralEdits = z.strictObject({
  kind: z.literal('several'),
  title: Words,
  edits: z.array(SingleEdit).min(1).max(64),
})
export const DocumentEdit = z.discriminatedUnion('kind', [...editKinds, SeveralEdits])
export type DocumentEdit = z.infer<typeof DocumentEdit>
