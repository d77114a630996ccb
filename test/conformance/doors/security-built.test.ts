import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DemoOpened, Refusal, ScanLine } from '../../../src/contract'
import { startServer } from '../../e2e/visit/launch'
import type { Server } from '../../e2e/visit/launch'

/** Loaded before anything else into the server, its workers and its children: writes down whoever tries to leave. */
const recorder = `
import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import net from 'node:net'
const record = (owner, name) => {
  const original = owner[name]
  owner[name] = function (...args) {
    appendFileSync(process.env.MARGIN_TEST_LEAVING, name + ' ' + JSON.stringify(args[0]) + '\\n')
    return original.apply(this, args)
  }
}
record(net.Socket.prototype, 'connect')
record(dgram.Socket.prototype, 'send')
record(dns, 'lookup')
record(dns.promises, 'lookup')
`
const folder = mkdtempSync(join(tmpdir(), 'margin-test-'))
const recorded = (file: string): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder)}`,
  MARGIN_TEST_LEAVING: join(folder, file),
})
/** What the recorder wrote, less the server's own address, which Node looks up before it listens there. */
const leaving = (file: string): string =>
  existsSync(join(folder, file))
    ? readFileSync(join(folder, file), 'utf8').replaceAll('lookup "127.0.0.1"\n', '')
    : ''

let server: Server
let cookie: string
beforeAll(async () => {
  const models = resolve(import.meta.dirname, '..', '..', 'fixtures', 'tiny-model')
  server = await startServer([], { ...recorded('server'), MARGIN_MODELS: models, MARGIN_DEVICE: 'cpu' })
  const entered = await fetch(server.url, { redirect: 'manual' })
  cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
})
afterAll(async () => {
  await server.stop()
})

const get = (path: string): Promise<Response> => fetch(server.origin + path, { headers: { cookie } })
const post = (path: string, body: unknown = {}): Promise<Response> =>
  fetch(server.origin + path, { method: 'POST', headers: { cookie }, body: JSON.stringify(body) })

test('the recorder sees a connection', () => {
  const script = "require('node:net').connect(9, '127.0.0.1').on('error', () => {})"
  spawnSync(process.execPath, ['-e', script], { env: { ...process.env, ...recorded('control') } })
  expect(leaving('control')).toContain('connect')
})

test.each([['/etc'], ['/etc/passwd'], [resolve(folder, '..')], ['.'], ['/proc/self/root/etc']])(
  'a scan of %s, which nobody opened, is refused',
  async (path) => {
    const text = await (await post('/api/scans', { paths: [path] })).text()
    const line = ScanLine.parse(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''))
    if (line.kind !== 'done') throw new Error(`the scan ended with ${line.kind}`)
    expect(line.result).toMatchObject({ series: [], images: [], annotations: [], filesRead: 0 })
    expect(new Set(line.result.refused.map((refusal) => refusal.code))).toEqual(
      new Set(['path-outside-roots']),
    )
  },
)

test('opening the built-in case, running models on it and asking for everything makes no connection', async () => {
  const opened = DemoOpened.parse(await (await post('/api/demo')).json())
  const run = { modelId: null, samples: 4, seed: 1 }
  const image = await post('/api/runs', { ...run, target: { kind: 'image', imageId: opened.imageId } })
  expect(await image.text()).toContain('"kind":"done"')
  for (const path of ['/', '/api/library', '/api/models', '/api/status', '/api/doctor']) {
    expect((await get(path)).status).toBe(200)
  }
  expect(leaving('server')).toBe('')
}, 120_000)

test('a refusal follows its schema on the wire', async () => {
  const answer = await get('/api/series/1.2.3')
  const { refusal } = (await answer.json()) as { refusal: unknown }
  expect(Refusal.parse(refusal).code).toBe('not-found')
})
