import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { findElectron } from '../scripts/electron.js'

/** A screen for windows where there is none, and the Electron program that opens them. */
export default async function setup(): Promise<() => void> {
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??= findElectron()?.folder ?? ''
  if (process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '') return () => undefined
  // It takes the first free number and says which.
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '2048x1400x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [display] = (await once(createInterface({ input: screen.stdout }), 'line')) as [string]
  process.env['DISPLAY'] = `:${display}`
  return () => {
    screen.kill()
  }
}
