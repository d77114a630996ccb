import { accept, refuse } from '../../../contract'
import type { Result } from '../../../contract'
import type { Schema, SqlDriver, SqlSession } from './sql-driver'

/** What one version adds: tables (columns as SQLite writes them), and statements that both databases understand. */
export interface Migration {
  readonly version: number
  readonly tables: readonly (readonly [name: string, columns: string])[]
  readonly statements: readonly string[]
}

const actNumber = 'act_number INTEGER NOT NULL REFERENCES audit (number)'

/**
 * Every change of the schema, oldest first; a published one is never edited. All tables are append-only, and each row
 * names the act in `audit` that wrote it.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    tables: [
      [
        'audit',
        'number INTEGER PRIMARY KEY, at TEXT NOT NULL, rater_id TEXT, act TEXT NOT NULL, about TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL UNIQUE',
      ],
      [
        'rater',
        `rater_id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, pseudonym TEXT NOT NULL UNIQUE, role TEXT NOT NULL, ${actNumber}`,
      ],
      [
        'rater_password',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), password_hash TEXT, ${actNumber}, PRIMARY KEY (rater_id, act_number)`,
      ],
      [
        'panel',
        `panel_id TEXT PRIMARY KEY, name TEXT NOT NULL, protocol TEXT NOT NULL, made_at TEXT NOT NULL, ${actNumber}`,
      ],
      [
        'panel_rater',
        `panel_id TEXT NOT NULL REFERENCES panel (panel_id), position INTEGER NOT NULL, rater_id TEXT NOT NULL REFERENCES rater (rater_id), ${actNumber}, PRIMARY KEY (panel_id, position), UNIQUE (panel_id, rater_id)`,
      ],
      [
        'panel_case',
        `panel_id TEXT NOT NULL REFERENCES panel (panel_id), rater_id TEXT NOT NULL REFERENCES rater (rater_id), position INTEGER NOT NULL, subject TEXT NOT NULL, is_repeat INTEGER NOT NULL, ${actNumber}, PRIMARY KEY (panel_id, rater_id, position)`,
      ],
      [
        'attempt',
        `attempt_id TEXT PRIMARY KEY, subject TEXT NOT NULL, rater_id TEXT NOT NULL REFERENCES rater (rater_id), panel_id TEXT REFERENCES panel (panel_id), case_position INTEGER, case_key TEXT NOT NULL, number INTEGER NOT NULL, blind INTEGER NOT NULL, opened_at TEXT NOT NULL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL, ${actNumber}, UNIQUE (rater_id, case_key, number)`,
      ],
      [
        'attempt_end',
        `attempt_id TEXT NOT NULL REFERENCES attempt (attempt_id), state TEXT NOT NULL, at TEXT NOT NULL, digest TEXT, reading_ms INTEGER, slices_seen INTEGER, ${actNumber}, PRIMARY KEY (attempt_id, state)`,
      ],
      [
        'journal',
        `attempt_id TEXT NOT NULL REFERENCES attempt (attempt_id), revision INTEGER NOT NULL, entry_id TEXT NOT NULL, at TEXT NOT NULL, edit TEXT NOT NULL, undoes INTEGER, ${actNumber}, PRIMARY KEY (attempt_id, revision), UNIQUE (attempt_id, entry_id)`,
      ],
      [
        'exposure',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), subject TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, shown_ms INTEGER, detail TEXT NOT NULL, ${actNumber}`,
      ],
      [
        'imported_reading',
        `import_id TEXT PRIMARY KEY, subject TEXT NOT NULL, reader TEXT NOT NULL, imported_at TEXT NOT NULL, imported_by TEXT NOT NULL REFERENCES rater (rater_id), source TEXT NOT NULL, content TEXT NOT NULL, ${actNumber}`,
      ],
    ],
    statements: [
      'CREATE INDEX panel_case_subject ON panel_case (subject)',
      'CREATE INDEX attempt_subject ON attempt (subject)',
      'CREATE INDEX attempt_panel ON attempt (panel_id)',
      'CREATE INDEX exposure_rater ON exposure (rater_id, subject)',
      'CREATE INDEX imported_reading_subject ON imported_reading (subject)',
      ...[
        'rater',
        'rater_password',
        'panel',
        'panel_rater',
        'panel_case',
        'attempt',
        'attempt_end',
        'journal',
        'exposure',
        'imported_reading',
      ].map((table) => `CREATE INDEX ${table}_act ON ${table} (act_number)`),
    ],
  },
  {
    version: 2,
    tables: [
      // The newest row of a rater holds.
      [
        'rater_standing',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), retired INTEGER NOT NULL, ${actNumber}, PRIMARY KEY (rater_id, act_number)`,
      ],
      // Of the password that the same act set: it lets in to choose another one, and to nothing else.
      [
        'one_time_password',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), ${actNumber}, PRIMARY KEY (rater_id, act_number)`,
      ],
      // The newest row of a panel holds; a panel of version 1 has none, and its name is that of its own row.
      [
        'panel_words',
        `panel_id TEXT NOT NULL REFERENCES panel (panel_id), at TEXT NOT NULL, name TEXT NOT NULL, instructions TEXT NOT NULL, target TEXT NOT NULL, labels TEXT NOT NULL, ${actNumber}, PRIMARY KEY (panel_id, act_number)`,
      ],
      [
        'panel_closed',
        `panel_id TEXT PRIMARY KEY REFERENCES panel (panel_id), at TEXT NOT NULL, ${actNumber}`,
      ],
    ],
    statements: ['rater_standing', 'one_time_password', 'panel_words', 'panel_closed'].map(
      (table) => `CREATE INDEX ${table}_act ON ${table} (act_number)`,
    ),
  },
  {
    version: 3,
    tables: [
      // What training lays down: key of the split, patients held out, sets, verdicts, promotions; see `TrainingRecord`.
      [
        'training_record',
        `kind TEXT NOT NULL, record_key TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL, ${actNumber}, PRIMARY KEY (kind, record_key, act_number)`,
      ],
    ],
    statements: ['CREATE INDEX training_record_act ON training_record (act_number)'],
  },
  {
    version: 4,
    tables: [
      // A step of a rater's measurements of a subject; the newest row of a measurement holds, and its state may be that it is gone.
      [
        'measurement',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), subject TEXT NOT NULL, number INTEGER NOT NULL, entry_id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, measurement_id TEXT NOT NULL, state TEXT, undoes INTEGER, ${actNumber}, PRIMARY KEY (rater_id, subject, number)`,
      ],
    ],
    statements: ['CREATE INDEX measurement_act ON measurement (act_number)'],
  },
  {
    version: 5,
    tables: [
      // A step of the places that a rater clicked in a subject, as of measurements.
      [
        'place',
        `rater_id TEXT NOT NULL REFERENCES rater (rater_id), subject TEXT NOT NULL, number INTEGER NOT NULL, entry_id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, place_id TEXT NOT NULL, state TEXT, undoes INTEGER, ${actNumber}, PRIMARY KEY (rater_id, subject, number)`,
      ],
    ],
    statements: ['CREATE INDEX place_act ON place (act_number)'],
  },
]

/**
 * Brings a database to the newest version, all or nothing; a database that has older work in it is backed up before.
 * Refused: a version that this program does not know, or a database that is not Margin's.
 */
export async function migrate(
  driver: SqlDriver,
  list: readonly Migration[],
  clock: () => number,
): Promise<Result<null>> {
  const newest = list.at(-1)?.version ?? 0
  const found = await driver.read((sql) => versionOf(sql, driver))
  if (!found.ok) return found
  if (found.value > newest) return tooNew(driver.name, found.value, newest)
  if (found.value > 0 && found.value < newest && driver.kind === 'sqlite') {
    const backup = await driver.backUp()
    if (!backup.ok) return backup
  }
  // Written to even when nothing is to be done: a folder that cannot be written to is refused now, not at a stroke.
  return driver.write(async (sql) => {
    const now = await versionOf(sql, driver)
    if (!now.ok) return now
    // Another process may have been faster.
    if (now.value > newest) return tooNew(driver.name, now.value, newest)
    if (now.value === 0)
      await make(sql, driver.schema, 'migration', 'version INTEGER PRIMARY KEY, at TEXT NOT NULL')
    if (now.value === 0) for (const statement of driver.schema.prepare) await sql.all(statement)
    for (const migration of list.filter(({ version }) => version > now.value)) {
      for (const [name, columns] of migration.tables) {
        await make(sql, driver.schema, name, columns)
        for (const statement of driver.schema.appendOnly(name)) await sql.all(statement)
      }
      for (const statement of migration.statements) await sql.all(statement)
      const at = new Date(clock()).toISOString()
      await sql.all('INSERT INTO migration (version, at) VALUES (?, ?)', [migration.version, at])
    }
    return accept(null)
  })
}

const make = (sql: SqlSession, schema: Schema, name: string, columns: string): Promise<unknown> =>
  sql.all(schema.createTable(name, columns))

/** 0: nothing in it yet. */
async function versionOf(sql: SqlSession, driver: SqlDriver): Promise<Result<number>> {
  const tables = await sql.all(driver.schema.listTables)
  if (tables.length === 0) return accept(0)
  if (tables.some(({ name }) => name === 'migration')) {
    const [row] = await sql.all('SELECT MAX(version) AS version FROM migration')
    return accept(Number(row?.['version'] ?? 0))
  }
  return refuse('workspace-failed', `The database of ${driver.name} is not a workspace of Margin.`, {
    next: 'Name another folder or another database with --workspace.',
  })
}

const tooNew = (name: string, found: number, newest: number): Result<never> =>
  refuse(
    'workspace-failed',
    `The workspace ${name} was written by a newer Margin: its version is ${found}, this program knows up to ${newest}.`,
    { next: 'Open it with the newer Margin. Nothing was changed.' },
  )
