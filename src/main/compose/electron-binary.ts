import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The Electron program beside `packageRoot`, or null. Only looks: the package itself, once imported under Node,
 * would start to download.
 */
export function findElectronBinary(packageRoot: string, environment: NodeJS.ProcessEnv): string | null {
  const folder = join(packageRoot, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : ''
  const elsewhere = environment['ELECTRON_OVERRIDE_DIST_PATH']
  const binary =
    elsewhere === undefined ? join(folder, 'dist', named) : join(elsewhere, named === '' ? 'electron' : named)
  return (elsewhere !== undefined || named !== '') && existsSync(binary) ? binary : null
}

/** True where a window can appear. */
export function hasDisplay(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): boolean {
  if (platform === 'win32' || platform === 'darwin') return true
  return (environment['DISPLAY'] ?? '') !== '' || (environment['WAYLAND_DISPLAY'] ?? '') !== ''
}
