import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall } from './apt.js'
import { hashOf, root, stamped, StepFailed, succeeds, writeStamp } from './steps.js'

/** The trainer's own Python environment, `.venv`. */

const windows = process.platform === 'win32'
export const python = join(root, '.venv', ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']))

const requirements = ['trainer/requirements.txt', 'trainer/requirements-dev.txt']
const stamp = join('.venv', '.margin-installed')

/** Newest that torch is known to have wheels for first; then whatever the system calls Python. */
const candidates = windows
  ? [['py', '-3'], ['python']]
  : [['python3.13'], ['python3.12'], ['python3.11'], ['python3.14'], ['python3'], ['python']]

/** @returns {readonly string[]} the command of a Python 3.11 or newer */
function findPython() {
  const wanted = 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)'
  const found = candidates.find(([program = '', ...args]) => {
    return spawnSync(program, [...args, '-c', wanted], { stdio: 'ignore' }).status === 0
  })
  if (found === undefined) {
    throw new StepFailed(
      'Python 3.11 or newer was not found; the trainer and its tests need it.',
      'Install it from python.org or your system (Debian: apt install python3 python3-venv) and run npm test again.',
    )
  }
  return found
}

/** Makes the environment; Debian keeps the part that does so in a package of its own. */
function makeEnvironment() {
  const [program = '', ...args] = findPython()
  const make = () => succeeds(program, [...args, '-m', 'venv', join(root, '.venv')])
  if (make() || (aptInstall(['python3-venv']) && make())) return
  throw new StepFailed(
    'Python cannot make a virtual environment.',
    'Install its venv module (Debian: apt install python3-venv) and run npm test again.',
  )
}

/** @param {readonly string[]} what */
function pip(what) {
  if (succeeds(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...what])) return
  throw new StepFailed(
    `pip install ${what.join(' ')} failed.`,
    'Look at the lines above; with a network that works, run npm test again.',
  )
}

/** @returns {string} the line of the requirements that pins torch */
function torchRequirement() {
  const lines = readFileSync(join(root, 'trainer', 'requirements.txt'), 'utf8').split(/\r?\n/)
  return lines.find((line) => line.startsWith('torch==')) ?? 'torch'
}

export const pythonStep = {
  name: 'setting up Python (.venv from trainer/requirements-dev.txt)',
  fetches: 'the Python packages of trainer/requirements-dev.txt (PyTorch among them), into .venv',
  done: () => existsSync(python) && stamped(stamp, hashOf(requirements)),
  run: () => {
    if (!existsSync(python)) makeEnvironment()
    // Alone and exact: together with looser ranges pip may fetch several builds of it before it decides.
    pip([torchRequirement()])
    pip(['-r', join(root, 'trainer', 'requirements-dev.txt')])
    writeStamp(stamp, hashOf(requirements))
  },
}
