import { z } from 'zod'

/** Characters of a value that are given; the rest is told by its size. */
export const TAG_VALUE_CHARACTERS = 1000
/** Rows that one answer has at most: every element of the top level, and of what is nested as many as still fit. */
export const MAX_TAG_ROWS = 6000

/** An element of a slice's file, or an item of a sequence; rows stand in the order of the file, each before what it holds. */
export const TagRow = z.strictObject({
  kind: z.enum(['element', 'sequence', 'item']),
  /** 0 for the data set itself, 1 for items of its sequences, 2 for what stands in them, and so on. */
  depth: z.number().int().nonnegative(),
  /** Eight hexadecimal digits, group and element; of an item its sequence's. */
  tag: z.string().regex(/^[0-9a-f]{8}$/),
  vr: z.string(),
  /** Keyword of PS3.6; empty where the dictionary has none. */
  keyword: z.string(),
  isPrivate: z.boolean(),
  /** Readable values; of a sequence how many items it has, of an item its number from 1. */
  value: z.string(),
  /** `cut`: the value goes on; `binary`: it is bytes; `pixels`: the picture itself. */
  form: z.enum(['whole', 'cut', 'binary', 'pixels']),
  /** null: the file leaves it to a delimiter. */
  sizeBytes: z.number().int().nonnegative().nullable(),
})
export type TagRow = z.infer<typeof TagRow>

/** `GET /api/series/:uid/slices/:index/tags`: the header of the file that a slice lies in, up to its pixels. */
export const SliceTags = z.strictObject({
  sopInstanceUid: z.string(),
  rows: z.array(TagRow),
  /** Nested rows that did not fit. */
  leftOut: z.number().int().nonnegative(),
})
export type SliceTags = z.infer<typeof SliceTags>
