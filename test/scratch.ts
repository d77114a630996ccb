import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning } from '../src/main/workspace/folder-upkeep'

/**
 * What the tests of a run write into the temporary folder goes into one of its own, and goes when the run ends; those of
 * runs that were killed go at the next start.
 */
export default function setup(): () => void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^margin-run-(\d+)-\w+$/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  const folder = mkdtempSync(join(tmpdir(), `margin-run-${process.pid}-`))
  process.env['TMPDIR'] = folder
  return () => {
    // A browser that was just closed may still be writing its profile.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}
