import { copyFile, rm } from 'node:fs/promises'
import { DatabaseSync } from '@photostructure/sqlite'
import { accept } from '../../../contract'
import { verifyWorkspace } from '../audit-log'
import type { Row, SqlDriver } from './sql-driver'

/**
 * Whether every row of a database file is the one that its audit log vouches for: pages of a log that was written over may
 * be read without a word. Looked at in a copy, since statements keep a file open until the garbage collector finds them.
 */
export async function holdsWhatItSays(path: string): Promise<boolean> {
  const copy = `${path}-look`
  await copyFile(path, copy)
  const database = new DatabaseSync(copy, { readOnly: true })
  try {
    const all = (text: string, values: readonly (string | number | null)[] = []): Promise<readonly Row[]> =>
      Promise.resolve(database.prepare(text).all(...values) as Row[])
    const read: SqlDriver['read'] = (work) => work({ all })
    const verdict = await verifyWorkspace({ read })
    return verdict.ok && verdict.value.whole
  } finally {
    database.close()
    await rm(copy, { force: true }).catch(() => accept(null))
  }
}
