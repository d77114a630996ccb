import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtProgram } from '../built'
import { absent, testDataDir } from '../test-data'
import { freshWorkspace } from '../e2e/visit/launch'
import type { BenchSet, Side } from './harness'

const PHOTOGRAPHS = 'retina/chase'
const COUNT = 6

/** `margin batch` over six photographs of 999 x 960 pixels, 100 samples each, into a folder of its own. */
function batchOf(folder: string, workers: number): Side {
  return {
    name: workers === 1 ? 'one process' : `${workers} processes`,
    run: async () => {
      const out = mkdtempSync(join(tmpdir(), 'margin-batch-'))
      const words = ['batch', folder, '--out', join(out, 'drawn'), '--workers', String(workers)]
      const environment = { ...process.env, MARGIN_DEVICE: 'cpu', MARGIN_WORKSPACE: freshWorkspace() }
      const startMs = performance.now()
      const child = spawn(process.execPath, [join(builtProgram(), 'main', 'cli.js'), ...words], {
        env: environment,
        stdio: 'ignore',
      })
      const [code] = (await once(child, 'exit')) as [number | null]
      const ms = performance.now() - startMs
      rmSync(out, { recursive: true, force: true })
      if (code !== 0) throw new Error(`margin batch ended with ${String(code)}`)
      return { ms, cpuMs: 0 }
    },
  }
}

/** What further processes of one computer gain: the sampler of one process uses all processors already. */
export function batchBenches(): Promise<BenchSet> {
  const close = (): Promise<void> => Promise.resolve()
  const missing = absent(PHOTOGRAPHS)
  if (missing !== null) return Promise.resolve({ benches: [{ id: 'batch', skipped: missing }], close })
  const folder = mkdtempSync(join(tmpdir(), 'margin-photographs-'))
  const from = join(testDataDir, PHOTOGRAPHS)
  for (const name of readdirSync(from)
    .filter((one) => one.endsWith('.jpg'))
    .slice(0, COUNT))
    copyFileSync(join(from, name), join(folder, name))
  return Promise.resolve({
    benches: [
      {
        id: 'batch',
        name: 'margin batch over six photographs, 100 samples each',
        ours: batchOf(folder, 2),
        peer: batchOf(folder, 1),
        claim: null,
        rounds: 3,
        terms:
          'from the start of the command to its end, each turn into an empty folder; the bytes are the same',
      },
    ],
    close: () => {
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  })
}
