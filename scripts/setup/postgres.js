import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { optionalStep } from './apt.js'

/** The PostgreSQL server on which the tests of the workspace run. */

/** Where Debian puts the programs of each version. */
const VERSIONS = '/usr/lib/postgresql'

/** @returns {string | null} the folder of initdb and postgres: MARGIN_POSTGRES, else the newest that Debian installed */
export function findPostgres() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : []
  const named = process.env['MARGIN_POSTGRES'] ?? ''
  const folders = [named, ...versions.map((version) => join(VERSIONS, version, 'bin'))]
  return folders.find((folder) => folder !== '' && existsSync(join(folder, 'initdb'))) ?? null
}

export const postgresStep = optionalStep(
  'finding PostgreSQL (package postgresql)',
  ['postgresql'],
  () => findPostgres() !== null,
)
