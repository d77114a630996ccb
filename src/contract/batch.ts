import { z } from 'zod'
import { Uid } from './geometry'
import { Refusal } from './refusal'

/** Names a folder of the batch: short, plain on every disk, the same at every start. */
const ItemId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,180}$/)
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const BatchModel = z.strictObject({
  id: z.string(),
  modality: z.string(),
  /** Over encoder and sampler, as runs name it. */
  sha256: Sha256,
})
export type BatchModel = z.infer<typeof BatchModel>

/** What a worker is told: one item, a JSON line. */
export const BatchTask = z.strictObject({
  itemId: ItemId,
  /** Of `margin infer`, without where the files go. */
  words: z.array(z.string()),
  /** Where relative words start. */
  cwd: z.string(),
  /** All that is read, absolute: the folder's other files are not looked at. */
  files: z.array(z.string()),
  /** Absolute folder of the batch. */
  out: z.string(),
  model: BatchModel,
  /** Version of the program that planned it: another one might draw otherwise. */
  version: z.string(),
  /** Over the words, the model, the version and what is read: what is done is done of exactly this. */
  fingerprint: Sha256,
})
export type BatchTask = z.infer<typeof BatchTask>

/** What a worker says, a JSON line each. `said` is a sign of life. */
export const BatchAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('said'), text: z.string() }),
  z.strictObject({ kind: z.literal('done'), itemId: ItemId }),
  z.strictObject({ kind: z.literal('refused'), itemId: ItemId, refusal: Refusal }),
])
export type BatchAnswer = z.infer<typeof BatchAnswer>

/** `item.json`, the last file of an item's folder: which files stand for it. */
export const ItemRecord = z.strictObject({
  formatVersion: z.literal(1),
  itemId: ItemId,
  fingerprint: Sha256,
  /** The line that makes the other files again, with --out. */
  command: z.string(),
  files: z.array(z.strictObject({ path: z.string(), sizeBytes: z.number().int(), sha256: Sha256 })),
})
export type ItemRecord = z.infer<typeof ItemRecord>

/** What an item is of: readings of a series, a point of a table, or a photograph. */
const ItemSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('readings'), seriesUid: Uid, readings: z.string() }),
  z.strictObject({
    kind: z.literal('point'),
    seriesUid: z.string(),
    column: z.number(),
    row: z.number(),
    sliceNumber: z.number().int(),
  }),
  z.strictObject({ kind: z.literal('photograph'), path: z.string() }),
])
export type ItemSubject = z.infer<typeof ItemSubject>

/** `batch.json`: what was done, what failed and why, what was not asked. Nothing of time or workers. */
export const BatchManifest = z.strictObject({
  formatVersion: z.literal(1),
  version: z.string(),
  models: z.array(BatchModel),
  items: z.array(
    z.strictObject({
      itemId: ItemId,
      subject: ItemSubject,
      command: z.string(),
      state: z.enum(['done', 'failed']),
      refusal: Refusal.nullable(),
    }),
  ),
  /** Found, and of no use to this batch. */
  leftOut: z.array(z.strictObject({ what: z.string(), reason: z.string() })),
  /** Files that could not be read. */
  refused: z.array(Refusal),
  researchUse: z.string(),
})
export type BatchManifest = z.infer<typeof BatchManifest>
