import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const out = join(root, 'out')

function newestMs(folder: string): number {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && !entry.name.endsWith('.test.ts')) {
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
    }
  }
  return newest
}

/**
 * The built program's folder (`out/`), built anew when a source is newer than it. For tests that start real processes.
 * `MARGIN_TEST_BUILD` names that of another version, tested as it stands: whether a test fails on what it was written for.
 */
export function builtProgram(): string {
  const other = process.env['MARGIN_TEST_BUILD']
  if (other !== undefined) return resolve(other)
  const cli = join(out, 'main', 'cli.js')
  const stale = !existsSync(cli) || statSync(cli).mtimeMs < newestMs(join(root, 'src'))
  if (stale) {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
      { cwd: root, stdio: 'pipe' },
    )
  }
  return out
}
