import { resolve } from 'node:path'
import type { Result } from '../../contract'
import { createSqlStore } from './sql-store'
import { openSqlite } from './database/sqlite-driver'
import type { WorkspaceStore } from './store'

/** How long a lock of another process is waited for: longer than a backup or a checkpoint takes. */
export const LOCK_WAIT_MS = 5_000

const isServer = (location: string): boolean => /^postgres(?:ql)?:\/\//i.test(location)

/** Opens the store in the calling thread, which waits for the disk at each call where the store is a folder. */
export async function openHere(
  location: string,
  { clock, lockWaitMs }: { readonly clock: () => number; readonly lockWaitMs: number },
): Promise<Result<WorkspaceStore>> {
  // Loaded where it is used: most workspaces are folders.
  const driver = isServer(location)
    ? await (await import('./database/postgres-driver')).openPostgres(location)
    : await openSqlite({ folder: resolve(location), clock, lockWaitMs })
  return driver.ok ? createSqlStore(driver.value, clock) : driver
}
