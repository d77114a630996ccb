import { execFileSync } from 'node:child_process'

/** Beside the built programs: what they were built from. */
export const BUILT_FROM_FILE = 'built-from.txt'
export const UNKNOWN = 'unknown'

/** What a build is made of: everything but tests and documents. */
const SOURCES = ['src', 'package.json', 'package-lock.json', 'electron.vite.config.ts']

/** @param {string} root @param {readonly string[]} args @returns {string | null} null where there is no git, or no repository of ours */
function git(root, args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}

/**
 * What the program is built from, for its version: the commit, `.changed` behind it where sources differ from it;
 * `unknown` where no git can tell and MARGIN_COMMIT does not say. Nothing of the day or the computer: the same commit
 * gives the same bytes.
 *
 * @param {string} root of the repository
 * @returns {string}
 */
export function builtFrom(root) {
  const said = process.env['MARGIN_COMMIT']
  if (said !== undefined && /^[0-9a-f]{7,40}$/.test(said)) return said.slice(0, 7)
  const commit = git(root, ['rev-parse', 'HEAD'])
  // A copy inside another repository is not that repository's commit.
  if (commit === null || git(root, ['ls-files', 'src/main/version.ts']) === '') return UNKNOWN
  const changed = git(root, ['status', '--porcelain', '--', ...SOURCES]) !== ''
  return `${commit.slice(0, 7)}${changed ? '.changed' : ''}`
}
