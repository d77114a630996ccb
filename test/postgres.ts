import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findPostgres } from '../scripts/setup/postgres.js'

/** A real PostgreSQL server in a folder of its own, reached through a socket in that folder. */
export interface PostgresServer {
  /** Makes an empty database and gives its address. */
  readonly database: () => Promise<string>
  readonly stop: () => Promise<void>
}

const START_MS = 30_000
/** PostgreSQL refuses to run as root: then as Debian's user nobody. */
const NOBODY = 65_534

/** Where forcing to the disk costs nothing: for tests that ask what is stored, not whether it outlives the power. */
export const quickFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

/** null, and a line that says so, where no server is installed. */
export async function startPostgres(): Promise<PostgresServer | null> {
  const programs = findPostgres()
  if (programs === null) {
    process.stdout.write('PostgreSQL is not installed (Debian: apt install postgresql): its tests skip\n')
    return null
  }
  const folder = mkdtempSync(join(quickFolder(), 'margin-pg-'))
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if ('uid' in user) chownSync(folder, NOBODY, NOBODY)
  const cluster = join(folder, 'cluster')
  const made = spawnSync(
    join(programs, 'initdb'),
    ['--pgdata', cluster, '--username', 'margin', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'],
    { ...user, encoding: 'utf8', cwd: folder },
  )
  if (made.status !== 0) throw new Error(made.stderr)
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=50']
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: folder, stdio: 'ignore' },
  )
  const address = (name: string): string => `postgres://margin@/${name}?host=${encodeURIComponent(folder)}`
  await answers(address('postgres'))
  let databases = 0
  return {
    database: async () => {
      const name = `workspace_${(databases += 1)}`
      await query(address('postgres'), `CREATE DATABASE ${name}`)
      return address(name)
    },
    stop: async () => {
      const ended = new Promise((done) => server.once('exit', done))
      // SIGINT: ends the connections that are still open.
      server.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One statement on a connection of its own. */
export async function query(address: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

async function answers(address: string): Promise<void> {
  const until = performance.now() + START_MS
  for (;;) {
    try {
      await query(address, 'SELECT 1')
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((next) => setTimeout(next, 50))
    }
  }
}
