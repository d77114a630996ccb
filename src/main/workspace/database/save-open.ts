import { copyFileSync, rmSync } from 'node:fs'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'

/**
 * Copies what an open connection still reads of files that were deleted, replaced or cut. What was deleted is whole as
 * long as it is open. Of what was cut, the connection has the pages in its memory and those in the write-ahead log, which
 * are the newest: since rows are only ever added, a backup and the rows after it are the whole. Throws where neither is
 * complete.
 */
export async function saveOpen(
  database: DatabaseSyncInstance,
  path: string,
  { older, isComplete }: { readonly older: string | null; readonly isComplete: () => Promise<boolean> },
): Promise<void> {
  const ways = [
    () => {
      database.exec(`VACUUM INTO ${quoted(path)}`)
    },
    () => {
      if (older !== null) addRowsSince(database, older, path)
    },
  ]
  for (const way of ways) {
    try {
      rmSync(path, { force: true })
      way()
      if (await isComplete()) return
    } catch {
      // What cannot be read this way may be readable the other way.
    }
  }
  throw new Error('The open files cannot be read any more.')
}

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`

function addRowsSince(database: DatabaseSyncInstance, older: string, path: string): void {
  copyFileSync(older, path)
  database.exec(`ATTACH ${quoted(path)} AS saved`)
  try {
    // In the order in which they were made, so that what a row refers to is there before it.
    const tables = database
      .prepare(
        "SELECT name FROM saved.sqlite_schema WHERE type = 'table' AND name <> 'migration' ORDER BY rowid",
      )
      .all() as { readonly name: string }[]
    const [last] = database.prepare('SELECT MAX(number) AS number FROM saved.audit').all() as {
      readonly number: number | null
    }[]
    const after = last?.number ?? 0
    database.exec('BEGIN')
    for (const { name } of tables) {
      const number = name === 'audit' ? 'number' : 'act_number'
      database.exec(`INSERT INTO saved.${name} SELECT * FROM main.${name} WHERE ${number} > ${after}`)
    }
    database.exec('COMMIT')
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
    database.exec('DETACH saved')
  }
}
