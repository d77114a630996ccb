import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOrthanc } from '../scripts/setup/orthanc.js'

/** A real Orthanc in a folder of its own, on ports of its own of this computer. */
export interface OrthancServer {
  /** Address of its DICOMweb. */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly dicomPort: number
  readonly aeTitle: string
  /** Sends files to it as a scanner would, in the transfer syntax that they have. */
  readonly fill: (files: readonly string[], compressed?: Compressed) => Promise<void>
  /** A question to its own interface, beside DICOM. */
  readonly ask: (path: string) => Promise<Uint8Array>
  readonly stop: () => Promise<void>
}

/** What storescu proposes beside what is not compressed: JPEG lossless (.70), JPEG-LS lossless (.80). */
type Compressed = 'jpeg' | 'jpeg-ls'

const START_MS = 30_000
const AE_TITLE = 'ORTHANC'

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** null, and a line that says so, where it is not installed. */
export async function startOrthanc(): Promise<OrthancServer | null> {
  const found = findOrthanc()
  if (found === null) {
    process.stdout.write(
      'Orthanc is not installed (Debian: apt install orthanc orthanc-dicomweb dcmtk): its tests skip\n',
    )
    return null
  }
  const folder = mkdtempSync(join(tmpdir(), 'margin-orthanc-'))
  const [httpPort, dicomPort] = [await freePort(), await freePort()]
  const [user, password] = ['margin', 'only-for-the-test']
  const settings = {
    ...{ Name: 'test', StorageDirectory: join(folder, 'db'), IndexDirectory: join(folder, 'db') },
    ...{ Plugins: [found.plugIn], HttpPort: httpPort, DicomPort: dicomPort, DicomAet: AE_TITLE },
    ...{ RemoteAccessAllowed: false, AuthenticationEnabled: true, RegisteredUsers: { [user]: password } },
    ...{ DicomCheckCalledAet: true, DicomAlwaysAllowEcho: true, DicomAlwaysAllowStore: true },
    ...{ DicomAlwaysAllowFind: true, DicomAlwaysAllowGet: true, SaveJobs: false },
    DicomWeb: { Enable: true, Root: '/dicom-web/', Ssl: false, Host: '127.0.0.1' },
  }
  const file = join(folder, 'orthanc.json')
  writeFileSync(file, JSON.stringify(settings))
  const server = spawn(found.program, [file], { cwd: folder, stdio: 'ignore' })
  const base = `http://127.0.0.1:${httpPort}`
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const ask = async (path: string): Promise<Uint8Array> => {
    const answer = await fetch(`${base}${path}`, { headers: { authorization } })
    if (!answer.ok) throw new Error(`Orthanc says ${answer.status} to ${path}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
  await answers(ask)
  return {
    url: `${base}/dicom-web`,
    ...{ user, password, dicomPort, aeTitle: AE_TITLE, ask },
    fill: async (files, compressed = 'jpeg') => {
      const to = [
        '-q',
        compressed === 'jpeg' ? '-xs' : '-xt',
        '-aec',
        AE_TITLE,
        '127.0.0.1',
        String(dicomPort),
      ]
      await promisify(execFile)(found.storescu, [...to, ...files])
    },
    stop: async () => {
      const ended = new Promise((done) => server.once('exit', done))
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

async function answers(ask: OrthancServer['ask']): Promise<void> {
  const until = performance.now() + START_MS
  for (;;) {
    try {
      await ask('/system')
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((next) => setTimeout(next, 50))
    }
  }
}
