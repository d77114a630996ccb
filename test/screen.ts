import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findElectron } from '../scripts/setup/electron.js'

/** A screen for windows where there is none, and the Electron program that opens them. */
export default async function setup(): Promise<() => void> {
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??= findElectron()?.folder ?? ''
  if (process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '') return () => undefined
  // It takes the first free number and says which, and keeps what it shows in a file of the folder.
  const shown = mkdtempSync(join(tmpdir(), 'margin-screen-'))
  const words = ['-displayfd', '1', '-screen', '0', '2048x1400x24', '-nolisten', 'tcp', '-fbdir', shown]
  const screen = spawn('Xvfb', words, { stdio: ['ignore', 'pipe', 'ignore'] })
  process.env['MARGIN_TEST_SCREEN'] = shown
  const [display] = (await once(createInterface({ input: screen.stdout }), 'line')) as [string]
  process.env['DISPLAY'] = `:${display}`
  return () => {
    screen.kill()
    rmSync(shown, { recursive: true, force: true })
  }
}
