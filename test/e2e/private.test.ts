import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { canTrace } from '../../scripts/setup/strace.js'
import { builtProgram } from '../built'
import { trainerPython } from '../python'
import { linesOf, personalEnvironment, reachedOutside, traced, writtenOutside } from '../trace'
import { freshWorkspace, visit } from './visit/launch'

/**
 * Nothing leaves the computer, and nothing is written but where the README says: seen from the system, not asked of the
 * program. Version 0.1.0 fails each of these tests: ONNX Runtime looked up a collector's address.
 */

const root = resolve(import.meta.dirname, '..', '..')
const model = join(root, 'models', 'lidc-cflow-planar')
const absent = canTrace() ? '' : ': skipped, strace is not to be used here'

interface Place {
  readonly log: string
  readonly folder: string
  readonly tmp: string
  readonly workspace: string
  readonly environment: NodeJS.ProcessEnv
}

/** A home, a temporary folder and a workspace that nobody used before. */
function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'margin-private-'))
  const [home = '', tmp = ''] = ['home', 'tmp'].map((name) => join(folder, name))
  for (const path of [home, tmp]) mkdirSync(path)
  const workspace = freshWorkspace()
  const environment = { ...personalEnvironment(home, tmp), MARGIN_WORKSPACE: workspace }
  return { log: join(folder, 'calls.txt'), folder, tmp, workspace, environment }
}

/** Runs a command to its end; what it did outside of this computer and outside of the given folders. */
async function deeds(
  command: readonly string[],
  at: Place,
  folders: readonly string[],
): Promise<{
  readonly reached: readonly string[]
  readonly written: readonly string[]
  readonly ended: unknown
}> {
  const [file = '', ...args] = traced(at.log)(command)
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...at.environment },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const [ended] = (await once(child, 'exit')) as unknown[]
  const lines = await linesOf(at.log, child.pid ?? 0)
  return { reached: reachedOutside(lines), written: writtenOutside(lines, folders), ended }
}

/** Drawing text makes the system's list of fonts anew where it is old. It holds names of fonts; the README names it. */
const fontLists = (at: Place): readonly string[] => [
  ...['.cache/fontconfig', '.fontconfig'].map((path) => join(at.folder, 'home', path)),
  '/var/cache/fontconfig',
]

const quiet = { reached: [], written: [], ended: 0 }

/** Time enough for an uploader to wake up: the one of ONNX Runtime first asks after five to twenty seconds. */
const WATCH_MS = 25_000
const margin = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  join(builtProgram(), 'main', 'cli.js'),
  ...args,
]

test.skipIf(absent !== '')(
  `the watch sees a look-up, a packet and a file in the home folder${absent}`,
  async () => {
    const at = place()
    const program = `
    require('node:dns').lookup('nowhere.invalid', () => undefined)
    require('node:dgram').createSocket('udp4').send('x', 9, '192.0.2.1', function () { this.close() })
    require('node:fs').mkdirSync(process.env.HOME + '/.trace')
    require('node:fs').writeFileSync(process.env.TMPDIR + '/allowed', '')`
    const seen = await deeds([process.execPath, '-e', program], at, [at.tmp])
    expect(seen.reached.some((line) => line.includes('192.0.2.1'))).toBe(true)
    expect(seen.reached.some((line) => /htons\(53\)|nscd|resolve/.test(line))).toBe(true)
    expect(seen.written).toEqual([join(at.folder, 'home', '.trace')])
  },
)

test.skipIf(absent !== '')(`demo and doctor stay on the computer${absent}`, async () => {
  for (const args of [['demo', '--samples', '4'], ['doctor']]) {
    const at = place()
    expect(await deeds(margin(...args), at, [at.tmp, at.workspace])).toEqual(quiet)
  }
})

test.skipIf(absent !== '')(`infer stays on the computer and writes into --out${absent}`, async () => {
  const at = place()
  const made = join(at.tmp, 'made')
  expect(
    await deeds(margin('demo', '--samples', '2', '--out', made), at, [at.tmp, ...fontLists(at)]),
  ).toEqual(quiet)
  const out = join(at.folder, 'out')
  const infer = margin('infer', join(made, 'case', 'fundus'), '--samples', '4', '--out', out)
  expect(await deeds(infer, at, [at.tmp, at.workspace, out, ...fontLists(at)])).toEqual(quiet)
})

test.skipIf(absent !== '')(`serve stays on the computer while a person reads${absent}`, async () => {
  const at = place()
  const visited = await visit({ args: ['--demo'], environment: at.environment, through: traced(at.log) })
  const { page } = visited
  const startedMs = performance.now()
  await page.getByText('Nodule 1').first().click({ timeout: 120_000 })
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(Math.max(0, WATCH_MS - (performance.now() - startedMs)))
  await visited.close()
  const lines = await linesOf(at.log, visited.pid)
  expect(reachedOutside(lines)).toEqual([])
  expect(writtenOutside(lines, [at.tmp, at.workspace])).toEqual([])
  expect(visited.problems).toEqual([])
})

const python = trainerPython()
test.skipIf(absent !== '' || python === null)(`the trainer stays on the computer${absent}`, async () => {
  const at = place()
  const program = `
import pathlib, sys
from margin_trainer.package import Package
Package(pathlib.Path(sys.argv[1], "encoder.onnx"), pathlib.Path(sys.argv[1], "sampler.onnx"))`
  const home = { PYTHONPATH: join(root, 'trainer'), PYTHONDONTWRITEBYTECODE: '1' }
  const loaded = { ...at, environment: { ...at.environment, ...home } }
  expect(await deeds([python ?? '', '-c', program, model], loaded, [at.tmp])).toEqual(quiet)
})
