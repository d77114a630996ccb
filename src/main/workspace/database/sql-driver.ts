import type { Refusal, Result } from '../../../contract'

/** What a column holds; true and false are 1 and 0. */
export type SqlValue = string | number | null
export type Row = Readonly<Record<string, SqlValue>>

/** Statements inside one transaction. Values stand for the question marks, in order. */
export interface SqlSession {
  readonly all: (text: string, values?: readonly SqlValue[]) => Promise<readonly Row[]>
}

/**
 * One database, whichever it is. All SQL of the store is the part that SQLite and PostgreSQL share; what differs stands
 * in the two drivers. What the database refuses (full, locked, damaged, gone) comes back as `workspace-failed`.
 */
export interface SqlDriver {
  readonly kind: 'sqlite' | 'postgres'
  readonly name: string
  readonly read: <T>(work: (sql: SqlSession) => Promise<Result<T>>) => Promise<Result<T>>
  /** One writer at a time; a refusal takes everything back. Fulfilled: it is on disk. */
  readonly write: <T>(work: (sql: SqlSession) => Promise<Result<T>>) => Promise<Result<T>>
  /** Statements that make a table, written for SQLite, in the words of this database. */
  readonly schema: Schema
  /** Whether the database's own structure is whole. */
  readonly check: () => Promise<Result<null>>
  readonly backUp: () => Promise<Result<string>>
  readonly close: () => Promise<void>
}

export interface Schema {
  /** Gives the `name` of every table that is there. */
  readonly listTables: string
  /** Statements before the first table. */
  readonly prepare: readonly string[]
  readonly createTable: (name: string, columns: string) => string
  /** Statements after which no row of the table can be changed or deleted. */
  readonly appendOnly: (name: string) => readonly string[]
}

/** A row that the database gave cannot have been written by Margin. */
export class RowDamaged extends Error {}

/** Runs work on a database: what it throws becomes a refusal where `refusalOf` knows it, and is thrown on where not. */
export async function guarded<T>(
  refusalOf: (error: unknown) => Refusal | null,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    const refusal = error instanceof RowDamaged ? damagedRow(error) : refusalOf(error)
    if (refusal === null) throw error
    return { ok: false, refusal }
  }
}

const damagedRow = (error: RowDamaged): Refusal => ({
  code: 'workspace-failed',
  reason: `The workspace holds something that Margin did not write: ${error.message}.`,
  next: 'Run margin audit verify, which names the first entry that was changed, and restore the newest good backup.',
})
