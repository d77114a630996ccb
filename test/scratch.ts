import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the tests of a run write into the temporary folder goes into one of its own, and goes when the run ends. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'margin-run-'))
  process.env['TMPDIR'] = folder
  return () => {
    // A browser that was just closed may still be writing its profile.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}
