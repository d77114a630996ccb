import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import type { PythonProgress, Result } from '../../../src/contract'
import { findTrainerPython } from '../../../src/main/training/find-python'
import { buildPython, type PythonBuild } from '../../../src/main/training/python/build-python'
import { planPython } from '../../../src/main/training/python/python-plan'
import { trainingBy } from '../../python'
import { madeUpTrainer } from '../../fixtures/made-up-trainer'

/** The trainer's Python, made from a folder of made-up wheels by the real Python of this computer, without a network. */

vi.setConfig({ testTimeout: 120_000 })

const root = mkdtempSync(join(tmpdir(), 'margin-python-'))
const { directory, wheels, packages } = madeUpTrainer(root)
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const heard: PythonProgress[] = []

function site(name: string, change: Partial<PythonBuild> = {}): PythonBuild {
  const folder = join(root, name)
  return {
    ...{ directory, folder, wheels, environmentDirs: [folder], platform: process.platform, pid: process.pid },
    environment: { ...process.env, ...trainingBy('') },
    signal: new AbortController().signal,
    onProgress: (progress) => heard.push(progress),
    ...change,
  }
}

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}
const sentence = (result: Result<unknown>): string =>
  result.ok ? 'accepted' : `${result.refusal.reason} ${result.refusal.next ?? ''}`
/** The environment's own files, without what it has not finished. */
const standing = (name: string) =>
  readdirSync(root).filter((one) => one === name || one.startsWith(`${name}.`))

/** A computer whose only Python is this script. */
function onlyPython(name: string, script: string): NodeJS.ProcessEnv {
  const bin = join(root, `bin-${name}`)
  mkdirSync(bin)
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'python3'), 0o755)
  return { PATH: bin, HOME: root }
}

test('is made without a network, trains from its own folder, and a second time nothing is done', async () => {
  const plan = await planPython(site('whole'))
  expect(plan).toMatchObject({ missing: null, isThere: false, packages })
  expect(plan.source).toMatch(/the 4 wheels of .*; nothing is fetched/)
  expect(standing('whole')).toEqual([])
  const made = sound(await buildPython(site('whole')))
  expect(made).toMatchObject({ wasReady: false, torch: '1.0', device: 'CPU' })
  expect(heard.map(({ step }) => step)).toEqual(expect.arrayContaining(['environment', 'packages', 'check']))
  expect(Math.max(...heard.map(({ done }) => done))).toBeGreaterThanOrEqual(1)
  expect(standing('whole')).toEqual(['whole'])
  // Renamed, it still finds itself: its prefix is where it stands.
  const prefix = execFileSync(made.python, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' })
  expect(prefix.trim()).toBe(join(root, 'whole'))
  const found = await findTrainerPython(site('whole'))
  expect(found.ok && found.value.python).toBe(made.python)
  expect(sound(await buildPython(site('whole')))).toMatchObject({ wasReady: true, python: made.python })
})

test('a build that fails leaves what is there; one that is damaged is made anew', async () => {
  const place = site('whole')
  const { python } = sound(await buildPython(place))
  const modules = execFileSync(python, ['-c', 'import torch; print(torch.__file__)'], {
    encoding: 'utf8',
  }).trim()
  const other = join(root, 'other-trainer')
  mkdirSync(other)
  execFileSync('cp', ['-r', join(directory, 'margin_trainer'), other])
  writeFileSync(join(other, 'requirements.txt'), 'torch==2.0\n')
  // A later program asks for other packages than it was made of.
  const asked = await buildPython({ ...place, directory: other })
  expect(sentence(asked)).toMatch(/torch==2\.0 was not found in .*wheels\. Fill the folder for this system/)
  expect(standing('whole')).toEqual(['whole'])
  // All is in its place, so that only the check finds it.
  writeFileSync(modules, 'raise ImportError("cut")\n')
  expect(sound(await buildPython(place)).wasReady).toBe(false)
  expect(readFileSync(modules, 'utf8')).toContain('1.0')
})

test('stopped half-way, or killed, nothing half made stays or counts', async () => {
  const stop = new AbortController()
  const stopped = await buildPython(
    site('stopped', {
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 'packages') stop.abort()
      },
    }),
  )
  expect(stopped.ok ? '' : stopped.refusal.code).toBe('cancelled')
  expect(standing('stopped')).toEqual([])
  // What a killed program left is gone with the next build; what another one makes now stays.
  for (const pid of [2 ** 22 + 1, 1]) mkdirSync(join(root, `stopped.making-${pid}`))
  const empty = join(root, 'empty')
  mkdirSync(empty)
  await buildPython(site('stopped', { environment: onlyPython('gone', 'exit 1') }))
  expect(standing('stopped')).toHaveLength(2)
  const broken = `case "$1" in -c) echo "fits 3.11.0";; *) echo "Python was removed" >&2; exit 1;; esac`
  const removed = await buildPython(site('stopped', { environment: onlyPython('half', broken) }))
  expect(sentence(removed)).toMatch(/^The environment could not be made: Python was removed/)
  expect(standing('stopped')).toEqual(['stopped.making-1'])
})

test('without a Python that can, it is said what is missing and how to get it', async () => {
  const none = site('none', { environment: { PATH: join(root, 'nowhere') } })
  expect((await planPython(none)).missing).toMatchObject({
    reason: 'No Python 3.11 or newer was found: everything but training works.',
  })
  expect(sentence(await buildPython(none))).toMatch(/Debian: apt install python3 python3-venv/)
  const old = site('none', { environment: onlyPython('old', 'echo old') })
  expect(sentence(await buildPython(old))).toMatch(/No Python 3\.11 or newer/)
  const bare = site('none', { environment: onlyPython('bare', 'echo bare') })
  expect(sentence(await buildPython(bare))).toMatch(/python3 cannot make an environment/)
  const noWheels = site('none', { wheels: join(root, 'nowhere') })
  expect(sentence(await buildPython(noWheels))).toMatch(/holds no wheels.*pip download/)
  const noTrainer = site('none', { directory: join(root, 'nowhere') })
  expect(sentence(await buildPython(noTrainer))).toMatch(/without its trainer: everything but training works/)
  expect(existsSync(join(root, 'none'))).toBe(false)
})

test('a Python that somebody named and that does not train is not passed over', async () => {
  const environment = { ...onlyPython('named', ''), PATH: process.env['PATH'] ?? '' }
  const named = join(root, 'bin-named', 'python3')
  // It has every module by name, and cannot load them.
  writeFileSync(named, '#!/bin/sh\ncase "$1" in -c) echo "";; *) echo "numpy is cut" >&2; exit 1;; esac\n')
  const asked = await buildPython(site('named', { environment: { ...environment, ...trainingBy(named) } }))
  expect(sentence(asked)).toMatch(/python3 does not train: numpy is cut/)
  expect(standing('named')).toEqual([])
})

test('an index is named as pip is set up, without its password; CUDA only where a driver is', async () => {
  const bin = join(root, 'bin-index')
  mkdirSync(bin)
  const say = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const settings = "global.index-url='https://reader:secret@mirror.example/simple'"
  say('python3', `case "$*" in *"config list") echo "${settings}";; *) echo "fits 3.12.1";; esac`)
  const environment = { PATH: bin, HOME: root }
  const place = site('index', { wheels: null, environment, platform: 'linux' })
  expect(await planPython(place)).toMatchObject({
    ...{ base: 'Python 3.12.1 (python3)', device: 'cpu' },
    source: 'where pip is set up to look: https://mirror.example/simple',
  })
  say('python3', `case "$*" in *"config list") ;; *) echo "fits 3.12.1";; esac`)
  expect((await planPython(place)).source).toMatch(/PyTorch without CUDA/)
  say('nvidia-smi', 'echo "GPU 0: made up"')
  expect(await planPython(place)).toMatchObject({ device: 'cuda', source: 'the Python Package Index' })
})
