import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The other study that a series of this UID lies in, below a folder `STUDY/SERIES/OBJECT.dcm`; null: in none. UIDs are
 * given once (PS3.5 9): a series in two studies is a mistake of whoever made them.
 */
export function studyWithSeries(received: string, studyUid: string, seriesUid: string): string | null {
  if (!existsSync(received)) return null
  for (const other of readdirSync(received))
    if (other !== studyUid && holdsObjects(join(received, other, seriesUid))) return other
  return null
}

const holdsObjects = (series: string): boolean =>
  existsSync(series) && readdirSync(series).some((name) => name.endsWith('.dcm'))
