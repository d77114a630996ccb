import { spawnSync } from 'node:child_process'
import { aptInstall } from './apt.js'

/** strace, through which the tests see what a program asks of the system. */

/** @returns {boolean} whether it is here and may look into other processes, which some containers forbid */
export const canTrace = () =>
  process.platform === 'linux' &&
  spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0

/** Tests that use it say that they skip where it is absent, so a failure to install it stops nothing. */
export const straceStep = {
  name: 'finding strace',
  packages: ['strace'],
  done: canTrace,
  run: () => {
    aptInstall(['strace'])
    if (!canTrace()) process.stderr.write('      not to be used here: the tests that need it skip\n')
  },
}
