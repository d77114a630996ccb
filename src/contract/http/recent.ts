import { z } from 'zod'
import { Subject } from './annotation'

/** A case as the page keeps it for its own visit; the page that takes it up reads it by its own rules. */
const PageNote = z.string().max(65_536).nullable()

/** How a case was left: slice, window and zoom; the views and their crosshair; the places that were clicked. */
export const LeftOff = z.strictObject({ look: PageNote, planes: PageNote, places: PageNote })
export type LeftOff = z.infer<typeof LeftOff>

/** `POST /api/recent`: a case that is open now, and how it stands. */
export const NewRecent = z.strictObject({
  subject: Subject,
  /** As people count; null: a photograph. */
  sliceNumber: z.number().int().nullable(),
  /** Of a series: what stands on the screen, for the small picture in the list. */
  shown: z
    .strictObject({
      /** From 0, along the normal. */
      sliceIndex: z.number().int().nonnegative(),
      /** Null: that of the file. */
      window: z.object({ centre: z.number(), width: z.number().positive() }).nullable(),
      inverted: z.boolean(),
    })
    .nullable()
    .default(null),
  left: LeftOff,
})
export type NewRecent = z.infer<typeof NewRecent>

/** False: it is not kept, since it belongs to a panel that is read still, or is the built-in case, or nothing is kept here. */
export const RecentNoted = z.strictObject({ kept: z.boolean() })
export type RecentNoted = z.infer<typeof RecentNoted>

/** A case that the rater who asks had open. */
export const RecentCase = z.strictObject({
  recentId: z.string(),
  /** As it is open now, or was. */
  subject: Subject,
  title: z.string(),
  kind: z.string(),
  note: z.string(),
  /** ISO 8601, of the program's clock. */
  at: z.iso.datetime(),
  sliceNumber: z.number().int().nullable(),
  /**
   * `open`: now. `closed`: it can be opened from its path. `gone`: nothing lies at its path. `given`: its files came from a
   * browser, and were not kept.
   */
  state: z.enum(['open', 'closed', 'gone', 'given']),
  /** Told to the owner alone; null: not told, or none. */
  path: z.string().nullable(),
  /** Other slices are open under its name than were: it opens anew. */
  isChanged: z.boolean(),
  /** `GET /api/recent/:id/picture` gives a small picture of it. */
  hasPicture: z.boolean(),
  left: LeftOff,
})
export type RecentCase = z.infer<typeof RecentCase>

/** `GET /api/recent`: newest first. */
export const RecentList = z.strictObject({ cases: z.array(RecentCase) })
export type RecentList = z.infer<typeof RecentList>
