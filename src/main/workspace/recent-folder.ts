import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { LeftOff, Subject } from '../../contract'
import { FILE_MODE, FOLDER_MODE } from './folder-upkeep'
import { writeWholeFile } from './whole-file'

/** A case that a rater had open. */
const KeptRecent = z.strictObject({
  recentId: z.string(),
  /** As the store keys it: a photograph by its pixels. */
  key: z.string(),
  subject: Subject,
  title: z.string(),
  kind: z.string(),
  note: z.string(),
  at: z.iso.datetime(),
  sliceNumber: z.number().int().nullable(),
  slices: z.number().int(),
  /** What was opened; null: its files came from a browser. */
  path: z.string().nullable(),
  left: LeftOff,
  /** A small picture of it lies beside. */
  hasPicture: z.boolean().default(false),
})
export type KeptRecent = z.infer<typeof KeptRecent>

const RecentFile = z.strictObject({ version: z.literal(1), cases: z.array(KeptRecent) })

/** Cases that raters had open, newest first, one file a rater: it can be thrown away, so that it is no part of the journal. */
export interface RecentFolder {
  readonly read: (raterId: string) => Promise<readonly KeptRecent[]>
  /** Pictures of cases that are not among these go. Throws what the file system throws. */
  readonly write: (raterId: string, cases: readonly KeptRecent[]) => Promise<void>
  /** PNG; null: none is there. */
  readonly picture: (raterId: string, recentId: string) => Promise<Uint8Array | null>
  /** Throws what the file system throws. */
  readonly writePicture: (raterId: string, recentId: string, png: Uint8Array) => Promise<void>
}

/** In the workspace, or where that is an address in the folder that stands in for it. */
export function recentFolder(location: string, ownData: string): RecentFolder {
  const isAddress = /^postgres(?:ql)?:\/\//i.test(location)
  const folder = join(isAddress ? ownData : resolve(location), 'recent')
  const named = (raterId: string): string => raterId.replace(/[^\w-]/g, '_')
  const pathOf = (raterId: string): string => join(folder, `${named(raterId)}.json`)
  /** Of each rater apart: what one had open is nobody else's. */
  const picturesOf = (raterId: string): string => join(folder, `${named(raterId)}.pictures`)
  const pictureOf = (raterId: string, recentId: string): string =>
    join(picturesOf(raterId), `${recentId.replace(/[^\da-f]/g, '_')}.png`)
  return {
    read: async (raterId) => {
      try {
        return RecentFile.parse(JSON.parse(await readFile(pathOf(raterId), 'utf8'))).cases
      } catch {
        // Missing, damaged or of a newer version: what was open last is a convenience, and begins anew.
        return []
      }
    },
    write: async (raterId, cases) => {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      const content = JSON.stringify({ version: 1, cases: [...cases] } satisfies z.input<typeof RecentFile>)
      await writeWholeFile(pathOf(raterId), content, { mode: FILE_MODE })
      const kept = new Set(cases.map(({ recentId }) => pictureOf(raterId, recentId)))
      for (const name of await readdir(picturesOf(raterId)).catch(() => [])) {
        const path = join(picturesOf(raterId), name)
        if (!kept.has(path)) await rm(path, { force: true })
      }
    },
    picture: (raterId, recentId) => readFile(pictureOf(raterId, recentId)).catch(() => null),
    writePicture: async (raterId, recentId, png) => {
      await mkdir(picturesOf(raterId), { recursive: true, mode: FOLDER_MODE })
      await writeWholeFile(pictureOf(raterId, recentId), png, { mode: FILE_MODE })
    },
  }
}
