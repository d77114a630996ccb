import { aptAllowed } from './apt.js'

/**
 * @typedef {{
 *   readonly done: () => boolean,
 *   readonly fetches?: string,
 *   readonly packages?: readonly string[],
 * }} Installing what a step fetches in words, and the packages of the system (Debian's names) that it takes
 */

/** What gets a browser for the tests, the one thing of the system that they cannot do without. */
const browserCommand = () =>
  process.platform === 'darwin'
    ? 'brew install --cask google-chrome'
    : process.platform === 'win32'
      ? 'winget install Google.Chrome'
      : null

/**
 * Says what is about to be installed before anything is, and where the packages of the system are not for us to
 * install, the one command that does it.
 *
 * @param {readonly Installing[]} steps
 * @returns {string} lines, '' where everything is here
 */
export function announcement(steps) {
  const due = steps.filter((step) => !step.done())
  const fetched = due.flatMap(({ fetches }) => (fetches === undefined ? [] : [fetches]))
  const packages = due.flatMap((step) => step.packages ?? [])
  const lines = fetched.map((what) => `  ${what}`)
  if (packages.length > 0 && aptAllowed())
    lines.push(`  packages of the system, by apt-get: ${packages.join(' ')}`)
  const installs = lines.length === 0 ? [] : ['About to install:', ...lines]
  if (packages.length === 0 || aptAllowed()) return installs.map((line) => `${line}\n`).join('')
  const command = browserCommand() ?? `sudo apt-get install -y ${packages.join(' ')}`
  const missing = `Missing, and not installed unasked on this system: ${packages.join(', ')}.`
  return [
    ...installs,
    missing,
    `  ${command}`,
    'Without them their tests skip; without a browser npm test stops.',
  ]
    .map((line) => `${line}\n`)
    .join('')
}
