import { existsSync } from 'node:fs'
import { succeeds } from './steps.js'

/** Packages of the system, where this is Debian or its kin and we may install them. */

/** @returns {boolean} */
export const aptAllowed = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/**
 * Installs packages; the list of packages is fetched only when it is missing or old.
 *
 * @param {readonly string[]} packages
 * @returns {boolean}
 */
export function aptInstall(packages) {
  if (!aptAllowed()) return false
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = () =>
    succeeds('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      quiet: true,
    })
  return install() || (succeeds('apt-get', ['update', '-qq'], { env, quiet: true }) && install())
}
