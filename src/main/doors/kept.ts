import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { z } from 'zod'

/** A small file beside the window's profile: what a person set, or where something was last. */
export interface Kept<T> {
  readonly read: () => T
  readonly write: (value: T) => void
}

/** What does not read, because it is new, damaged or of another version, counts as `first`. */
export function keptAs<T>(name: string, schema: z.ZodType<T>, first: T): Kept<T> {
  const path = (): string => join(app.getPath('userData'), name)
  return {
    read: () => {
      try {
        return schema.parse(JSON.parse(readFileSync(path(), 'utf8')))
      } catch {
        return first
      }
    },
    write: (value) => {
      try {
        writeFileSync(path(), JSON.stringify(value))
      } catch {
        // A profile that cannot be written costs what would have been remembered, nothing else.
      }
    },
  }
}
