import { spawnSync } from 'node:child_process'
import { optionalStep } from './apt.js'

/** strace, through which the tests see what a program asks of the system. */

/** @returns {boolean} whether it is here and may look into other processes, which some containers forbid */
export const canTrace = () =>
  process.platform === 'linux' &&
  spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0

export const straceStep = optionalStep('finding strace', ['strace'], canTrace)
