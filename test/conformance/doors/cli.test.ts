import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { DoctorReport, InstalledModel } from '../../../src/contract'
import { usage } from '../../../src/main/cli/usage'
import { builtProgram } from '../../built'
import { startServer } from '../../e2e/visit/launch'

/** Each test starts processes, and processes start slowly on a busy computer. */
vi.setConfig({ testTimeout: 120_000 })

let program: string
beforeAll(() => {
  program = join(builtProgram(), 'main', 'cli.js')
})

const tinyModels = resolve(import.meta.dirname, '..', '..', 'fixtures', 'tiny-model')

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function margin(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, MARGIN_MODELS: tinyModels, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((ended) => {
    child.on('close', (code) => {
      ended({ code, out, err })
    })
  })
}

test('help names every command and ends well', async () => {
  const { code, out } = await margin(['--help'])
  expect(code).toBe(0)
  for (const command of Object.keys(usage)) expect(out).toContain(`margin ${command}`)
})

test.each(Object.keys(usage))('margin %s --help says what it takes', async (command) => {
  const { code, out, err } = await margin([command, '--help'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(`margin ${command}`)
})

test.each([
  [[]],
  [['nothing']],
  [['doctor', '--unknown']],
  [['models', 'extra']],
  [['serve', '--port', 'x']],
  [['serve', '--port', '70000']],
  [['open', '--door', 'window']],
  [['scan']],
  [['decode']],
  [['infer']],
  [['demo', '--samples', 'many']],
])('margin %j is wrong usage: 2, and words on standard error', async (args) => {
  const { code, out, err } = await margin(args)
  expect(code).toBe(2)
  if (args.length > 0) {
    expect(out).toBe('')
    expect(err).not.toBe('')
  }
})

test('doctor reports in JSON what this computer has, each lack with its next step', async () => {
  const { code, out, err } = await margin(['doctor'])
  const report = DoctorReport.parse(JSON.parse(out))
  const node = report.checks.find((check) => check.name === 'Node.js')
  expect(node).toMatchObject({ state: 'ok', found: process.version })
  for (const check of report.checks) {
    expect(err).toContain(check.name)
    if (check.state !== 'ok') expect(check.next).not.toBe('')
  }
  expect(code).toBe(report.checks.some((check) => check.state === 'missing') ? 1 : 0)
})

test('doctor tells what may be received and which archives are named, contacts none unasked, and says no credentials', async () => {
  const workspace = mkdtempSync(join(tmpdir(), 'margin-test-'))
  const checks = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { out, err } = await margin(['doctor', '--workspace', workspace, ...args])
    expect(out + err).not.toMatch(/hush|secret/)
    return DoctorReport.parse(JSON.parse(out))
      .checks.filter(({ name }) => /archive|receiv/i.test(name))
      .map(({ name, state, found }) => `${name}: ${state}: ${found}`)
  }
  expect(await checks()).toEqual([
    'Receiving from a PACS: ok: off: nothing listens',
    'Archives: ok: none is named',
  ])
  mkdirSync(join(workspace, 'archives'))
  const url = 'https://127.0.0.1:1/dicom-web'
  const settings = {
    archives: [{ name: 'Hospital', kind: 'dicomweb', url, credentials: { file: 'hospital.secret' } }],
    receiver: { port: 11_112, from: [{ aeTitle: 'SCANNER', address: '10.0.0.9' }], keepFreeMegabytes: 1e9 },
  }
  for (const [name, content] of [
    ['archives.json', JSON.stringify(settings)],
    ['hospital.secret', 'user:hush'],
  ])
    writeFileSync(join(workspace, 'archives', name ?? ''), content ?? '', { mode: 0o600 })
  const [receiving, archive] = await checks()
  expect(receiving).toMatch(
    /: warning: set up as MARGIN at 127\.0\.0\.1, port 11112, not encrypted; 1 sender: SCANNER at 10\.0\.0\.9; stores in .+received, [\d.]+ GB free$/,
  )
  expect(archive).toBe(`Archive Hospital: ok: DICOMweb, ${url}, TLS; not contacted (--archives asks it)`)
  expect((await checks('--archives'))[1]).toMatch(/^Archive Hospital: warning: .+nothing listens there/)
})

test('models lists what is installed; --check fails where nothing is', async () => {
  const Models = z.object({ models: z.array(InstalledModel) })
  const found = await margin(['models', '--check'])
  const { models } = Models.parse(JSON.parse(found.out))
  expect(models.map((model) => model.id).sort()).toEqual(readdirSync(tinyModels).filter(isFolderName).sort())
  expect(found.code).toBe(models.every((model) => model.refusal === null) ? 0 : 1)

  const empty = mkdtempSync(join(tmpdir(), 'margin-test-'))
  const nothing = await margin(['models', '--check'], { MARGIN_MODELS: empty })
  expect(JSON.parse(nothing.out)).toEqual({ models: [] })
  expect(nothing.code).toBe(1)
  expect((await margin(['models'], { MARGIN_MODELS: empty })).code).toBe(0)
})

const isFolderName = (name: string): boolean => !name.includes('.')

test('a device that does not exist is said, not passed over', async () => {
  const { code, err } = await margin(['models'], { MARGIN_DEVICE: 'abacus' })
  expect(code).toBe(1)
  expect(err).toContain('abacus')
})

test('serve of a path that is not there ends with 1 and says so', async () => {
  const { code, out, err } = await margin(['serve', join(tmpdir(), 'margin-nowhere')])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('margin-nowhere')
})

test('the program says its version and what it was built from', async () => {
  const from = readFileSync(join(builtProgram(), 'main', 'built-from.txt'), 'utf8')
  expect(from).toMatch(/^(?:[0-9a-f]{7}(?:\.changed)?|unknown)$/)
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../package.json'), 'utf8')))
  const server = await startServer([], { MARGIN_MODELS: tinyModels })
  try {
    const entered = await fetch(server.url, { redirect: 'manual' })
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
    const status = await fetch(`${server.origin}/api/status`, { headers: { cookie } })
    expect(await status.json()).toMatchObject({ version: `${version}+${from}` })
  } finally {
    await server.stop()
  }
})

test('serve ends by Ctrl-C with 0 and takes along what it laid down on disk', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'margin-test-'))
  const server = await startServer([], { MARGIN_MODELS: tinyModels, TMPDIR: temporary })
  const entered = await fetch(server.url, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const put = await fetch(`${server.origin}/api/uploads/u/a.txt`, {
    method: 'PUT',
    body: 'a',
    headers: { cookie },
  })
  expect(put.status).toBe(200)
  expect(readdirSync(temporary)).toHaveLength(1)
  expect(await server.stop()).toBe(0)
  expect(existsSync(temporary)).toBe(true)
  expect(readdirSync(temporary)).toEqual([])
})

test('a model goes from one workspace into another by its file, and no file is written over', async () => {
  const place = mkdtempSync(join(tmpdir(), 'margin-test-'))
  const file = join(place, 'tiny-ct.zip')
  const into = ['--workspace', join(place, 'there')]
  const given = await margin([
    'models',
    'export',
    'tiny-ct',
    '--to',
    file,
    '--workspace',
    join(place, 'here'),
  ])
  expect(JSON.parse(given.out)).toMatchObject({ model: 'tiny-ct', file, sizeBytes: statSync(file).size })
  const again = await margin([
    'models',
    'export',
    'tiny-ct',
    '--to',
    file,
    '--workspace',
    join(place, 'here'),
  ])
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('is there already')])
  const empty = { MARGIN_MODELS: join(place, 'none') }
  const came = await margin(['models', 'import', file, ...into], empty)
  expect(JSON.parse(came.out)).toMatchObject({ wasInstalled: false, experimental: true })
  const listed = await margin(['models', ...into], empty)
  expect(listed.err).toContain('tiny-ct: ready, experimental')
  for (const wrong of [
    ['models', 'export', 'tiny-ct'],
    ['models', 'import', file, '--to', file],
    ['models', 'import'],
    ['models', '--to', file],
  ])
    expect((await margin(wrong)).code).toBe(2)
})
