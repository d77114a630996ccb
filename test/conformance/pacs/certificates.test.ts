import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'

/** An archive is spoken to under a certificate that is trusted, or not at all; no variable of the environment changes that. */

const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
if (!hasOpenssl) console.log('Certificates of archives skip: openssl is not here')

const heard: string[] = []
let server: Server
let archives: Archives
const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-tls-')), '')

beforeAll(async () => {
  if (!hasOpenssl) return
  mkdirSync(folder.root, { mode: 0o700 })
  const [key, cert] = [join(folder.root, 'key.pem'), join(folder.root, 'own.pem')]
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
  ]
  execFileSync(
    'openssl',
    ['req', '-x509', ...made, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  )
  server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    heard.push(request.headers.authorization ?? 'none')
    response.setHeader('content-type', 'application/dicom+json').end('[]')
  })
  await new Promise<void>((ready) => server.listen(0, ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  copyFileSync(cert, join(folder.root, 'authority.pem'))
  const at = (host: string): string => `https://${host}:${address.port}/dicom-web`
  const shared = { kind: 'dicomweb', credentials: { environment: 'MARGIN_ARCHIVE_KEY' } }
  const dimse = {
    kind: 'dimse',
    host: 'localhost',
    port: address.port,
    aeTitle: 'X',
    tls: true,
    stallSeconds: 5,
  }
  const settings = [
    { ...shared, name: 'unknown', url: at('localhost') },
    { ...shared, name: 'known', url: at('localhost'), caFile: 'authority.pem' },
    { ...shared, name: 'other name', url: at('127.0.0.1'), caFile: 'authority.pem' },
    { ...shared, name: 'in clear', url: 'http://pacs.example/dicom-web' },
    { ...dimse, name: 'DIMSE unknown' },
  ]
  writeFileSync(folder.settings, JSON.stringify({ archives: settings }), { mode: 0o600 })
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  const environment = { MARGIN_ARCHIVE_KEY: 'Bearer abc' }
  archives = createArchives({ folder, environment, workerPath: null, nowMs: () => performance.now() })
})
afterAll(() => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  if (hasOpenssl) server.close()
})

describe.skipIf(!hasOpenssl)('certificates', () => {
  test.each([
    ['unknown', 'pacs-unreachable'],
    ['other name', 'pacs-unreachable'],
    ['DIMSE unknown', 'pacs-unreachable'],
    ['in clear', 'pacs-settings'],
  ])('%s: refused, and no credentials left', async (name, code) => {
    const refused = await archives.echo(name, new AbortController().signal)
    expect(refused).toMatchObject({ ok: false, refusal: { code } })
    expect(heard).toEqual([])
  })

  test('an authority of one’s own is trusted where the settings name it', async () => {
    expect(await archives.echo('known', new AbortController().signal)).toMatchObject({ ok: true })
    expect(heard).toEqual(['Bearer abc'])
  })
})
