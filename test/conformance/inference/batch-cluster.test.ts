/** `margin batch --address`: a real Dask scheduler and two real worker processes on loopback, one of them killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { builtProgram } from '../../built'
import { python, pythonHas, trainingBy } from '../../python'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const absent = pythonHas('distributed') ? '' : ': skipped, the Python of the tests has no Dask'
const PHOTOGRAPHS = 6
const scratch = mkdtempSync(join(tmpdir(), 'margin-cluster-'))
const environment = {
  ...{ ...process.env, ...trainingBy(python), MARGIN_DEVICE: 'cpu', MARGIN_WORKSPACE: join(scratch, 'none') },
  MARGIN_MODELS: resolve(import.meta.dirname, '..', '..', 'fixtures', 'tiny-model'),
}
const started: ChildProcess[] = []

/** A part of Dask, and the first line it says that matches. */
async function dask(words: readonly string[], says: RegExp): Promise<readonly [ChildProcess, string]> {
  const child = spawn(python, ['-m', ...words], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  started.push(child)
  for await (const line of createInterface({ input: child.stderr })) {
    const found = says.exec(line)
    if (found === null) continue
    child.stderr.resume()
    return [child, found[1] ?? '']
  }
  throw new Error(`${words.join(' ')} ended`)
}

const worker = (address: string): ReturnType<typeof dask> =>
  dask(
    [
      'distributed.cli.dask_worker',
      address,
      '--nthreads',
      '1',
      '--no-nanny',
      '--no-dashboard',
      '--host',
      '127.0.0.1',
    ],
    /(Registered to)/,
  )

async function batch(out: string, more: readonly string[], hear: (said: string) => void = () => undefined) {
  const words = ['batch', 'many', '--out', out, '--samples', '5', '--export', 'csv', ...more]
  const program = join(builtProgram(), 'main', 'cli.js')
  const child = spawn(process.execPath, [program, ...words], {
    ...{ cwd: scratch, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    hear(err)
  })
  const [code] = (await once(child, 'close')) as unknown[]
  return { code, err }
}

/** Every file of an output folder with its bytes. */
function written(out: string): Readonly<Record<string, string>> {
  const entries = readdirSync(join(scratch, out), { recursive: true, withFileTypes: true })
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  return Object.fromEntries(
    paths
      .sort()
      .map((path) => [path.slice(join(scratch, out).length), readFileSync(path).toString('base64')]),
  )
}

describe.skipIf(absent !== '')(`a batch on a cluster${absent}`, () => {
  let address = ''
  beforeAll(async () => {
    mkdirSync(join(scratch, 'many'))
    for (let at = 1; at <= PHOTOGRAPHS; at += 1) {
      const background = { r: 100 + 10 * at, g: 60, b: 30 }
      await sharp({ create: { width: 64, height: 48, channels: 3, background } })
        .png()
        .toFile(join(scratch, 'many', `eye${at}.png`))
    }
    const place = ['--host', '127.0.0.1', '--port', '0', '--no-dashboard']
    const [, found] = await dask(['distributed.cli.dask_scheduler', ...place], /Scheduler at:\s+(tcp:\S+)/)
    address = found
  })
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(scratch, { recursive: true, force: true })
  })

  test('nobody at the address, and a scheduler without workers, are said', async () => {
    const nobody = await batch('nobody', ['--address', 'tcp://127.0.0.1:9'])
    expect(nobody.code).toBe(1)
    expect(nobody.err).toMatch(/no cluster answers at tcp:\/\/127\.0\.0\.1:9/)
    const idle = await batch('idle', ['--address', address])
    expect(idle.code).toBe(1)
    expect(idle.err).toMatch(/has no workers/)
  })

  test('two workers, one of them killed half-way, write the bytes that one process writes', async () => {
    const alone = await batch('alone', ['--workers', '1'])
    expect(alone.code, alone.err).toBe(0)
    const [[first]] = await Promise.all([worker(address), worker(address)])
    let isKilled = false
    const ended = await batch('cluster', ['--address', address], (said) => {
      if (isKilled || !said.includes('1 of 6')) return
      isKilled = true
      first.kill('SIGKILL')
    })
    expect(isKilled).toBe(true)
    expect(ended.code, ended.err).toBe(0)
    expect(written('cluster')).toEqual(written('alone'))
  })
})
