import { existsSync } from 'node:fs'
import { succeeds } from './steps.js'

/** Packages of the system, where this is Debian or its kin and we may install them. */

/** @returns {boolean} */
export const aptAllowed = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/**
 * A step for a program that some tests use: they say that they skip where it is absent, so that a failure to install it
 * stops nothing.
 *
 * @param {string} name
 * @param {readonly string[]} packages by Debian's names
 * @param {() => boolean} isHere
 */
export const optionalStep = (name, packages, isHere) => ({
  name,
  packages,
  done: isHere,
  run: () => {
    aptInstall(packages)
    if (!isHere()) process.stderr.write('      not to be used here: the tests that need it skip\n')
  },
})

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
