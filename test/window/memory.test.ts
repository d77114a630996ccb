import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { freshWorkspace } from '../e2e/visit/launch'
import { emptyEntry, openWindow } from '../e2e/visit/window'
import type { Window } from '../e2e/visit/window'
import { family } from './processes'

/** What all processes of the window hold while nobody does anything. */

const root = resolve(import.meta.dirname, '..', '..')
const MOST_OF_PEER = 1.6
const SETTLE_MS = 4_000

/** Each page of memory counted once, shared ones by their share: Pss of proc(5). */
const memoryMb = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    try {
      return (
        sum + Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1000
      )
    } catch {
      // It ended meanwhile.
      return sum
    }
  }, 0)

async function idleMb({ application, page, close }: Window, shown: string): Promise<number> {
  await page.getByText(shown).first().waitFor()
  await new Promise((next) => setTimeout(next, SETTLE_MS))
  const mb = memoryMb(family(application.process().pid ?? 0))
  await close()
  return mb
}

/** A Node that has loaded one model, both of its graphs. */
function loadedModelMb(): number {
  const script = join(mkdtempSync(join(tmpdir(), 'margin-model-')), 'load.cjs')
  const graph = (name: string): string => JSON.stringify(join(root, 'models', 'lidc-cflow-planar', name))
  writeFileSync(
    script,
    `const { InferenceSession } = require(${JSON.stringify(join(root, 'node_modules', 'onnxruntime-node'))})
const load = (path) => InferenceSession.create(path, { intraOpNumThreads: 2 })
Promise.all([load(${graph('encoder.onnx')}), load(${graph('sampler.onnx')})]).then((kept) =>
  console.log(require('node:fs').readFileSync('/proc/self/smaps_rollup', 'utf8'), kept.length))`,
  )
  const told = execFileSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  })
  return Number(/^Pss:\s+(\d+) kB/m.exec(told)?.[1]) / 1000
}

test.skipIf(process.platform !== 'linux')(
  'idle, it holds little more than an empty window and a loaded model',
  async () => {
    const environment = { MARGIN_WORKSPACE: freshWorkspace() }
    const plain = { paths: [], demo: false, environment }
    const emptyMb = await idleMb(await openWindow({ ...plain, entry: emptyEntry() }), 'empty')
    const modelMb = loadedModelMb()
    const oursMb = await idleMb(await openWindow(plain), 'Open the built-in case')
    const words = [oursMb, emptyMb, modelMb].map((mb) => mb.toFixed(0)).join(', ')
    console.log(`idle memory in MB of Margin, an empty window, a loaded model: ${words}`)
    expect(oursMb).toBeLessThan(MOST_OF_PEER * (emptyMb + modelMb))
  },
)
