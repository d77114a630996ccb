import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accept, PixelDescription, PIXELS_HEADER, Refusal, RunLine, ScanLine } from '../../../src/contract'
import { detailOf } from '../made-up-library'
import { createApp } from '../../../src/main/app/create-app'
import { contentSecurityPolicy } from '../../../src/main/app/security-headers'
import { createUploads, cleanRelativePath } from '../../../src/main/app/uploads'
import {
  emptyScan,
  libraryInMemory,
  runsInMemory,
  samplesLine,
  SERIES_UID,
  servicesInMemory,
} from '../services-in-memory'

const json = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) })
const runRequest = {
  target: { kind: 'image', imageId: 'i' },
  modelId: null,
  samples: 1,
  seed: 1,
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { refusal } = (await response.json()) as { refusal: unknown }
  return Refusal.parse(refusal)
}

test.each([
  ['/api/series/1.2.3', 404, 'not-found'],
  [`/api/series/${SERIES_UID}/slices/3`, 404, 'not-found'],
  [`/api/series/${SERIES_UID}/slices/-1`, 400, 'request-invalid'],
  [`/api/series/${SERIES_UID}/slices/abc/tags`, 400, 'request-invalid'],
  [`/api/series/${SERIES_UID}/slices/1.5`, 400, 'request-invalid'],
  [`/api/series/${SERIES_UID}/slices/abc`, 400, 'request-invalid'],
  ['/api/series/' + 'x'.repeat(200), 400, 'request-invalid'],
  ['/api/readings', 400, 'request-invalid'],
  ['/api/readings?seriesUid=1&imageId=2', 400, 'request-invalid'],
  ['/api/runs/r/fields', 400, 'request-invalid'],
  ['/api/runs/r/fields?first=0&count=1001', 400, 'request-invalid'],
  ['/api/nothing', 404, 'not-found'],
  ['/nothing.js', 404, 'not-found'],
])('GET %s is refused with %i and says %s', async (path, status, code) => {
  const response = await createApp(servicesInMemory()).request(path)
  expect(response.status).toBe(status)
  expect((await refusalOf(response)).code).toBe(code)
})

test.each([
  ['/api/scans', '{"paths": []}'],
  ['/api/scans', '{"paths": ["/a"], "more": 1}'],
  ['/api/scans', 'paths'],
  ['/api/runs', JSON.stringify({ ...runRequest, samples: 1001 })],
  ['/api/runs', JSON.stringify({ ...runRequest, seed: 0.5 })],
  ['/api/readings', '{"annotationIds": []}'],
])('POST %s with %s is refused', async (path, body) => {
  const response = await createApp(servicesInMemory()).request(path, { method: 'POST', body })
  expect(response.status).toBe(400)
  expect((await refusalOf(response)).code).toBe('request-invalid')
})

test('a body of more than 1 MB is refused before it is parsed', async () => {
  const response = await createApp(servicesInMemory()).request('/api/scans', {
    method: 'POST',
    body: ' '.repeat(1_000_001),
  })
  expect(response.status).toBe(413)
})

test('pixels come with their description, whatever its letters, and are named by their content', async () => {
  const app = createApp(servicesInMemory())
  const first = await app.request(`/api/series/${SERIES_UID}/slices/0`)
  const bytes = new Int16Array(await first.arrayBuffer())
  expect([...bytes]).toEqual([0, 1, 2, 3])
  const described = PixelDescription.parse(JSON.parse(first.headers.get(PIXELS_HEADER) ?? ''))
  expect(described.warnings[0]?.text).toBe('Größe – 胸部')

  const etag = first.headers.get('etag') ?? ''
  const again = await app.request(`/api/series/${SERIES_UID}/slices/0`, {
    headers: { 'if-none-match': etag },
  })
  expect(again.status).toBe(304)
  const other = await app.request(`/api/series/${SERIES_UID}/slices/1`, {
    headers: { 'if-none-match': etag },
  })
  expect(other.status).toBe(200)
})

test('a slice that is asked for by its instance is found whatever its number is by now', async () => {
  const slices = ['1.3', '1.2', '1.1'].map((sopInstanceUid, index) => ({
    ...{ index, sopInstanceUid, instanceNumber: null, frame: 0, positionMm: null, alongNormalMm: null },
    rescale: { slope: 1, intercept: 0, unit: 'HU' },
  }))
  const seriesDetail = () => accept({ ...detailOf(null), slices })
  const app = createApp(servicesInMemory({ library: libraryInMemory({ seriesDetail }) }))
  const asked = await app.request(`/api/series/${SERIES_UID}/slices/0?sopInstanceUid=1.1&frame=0`)
  expect(new Int16Array(await asked.arrayBuffer())[0]).toBe(2)
  const gone = await app.request(`/api/series/${SERIES_UID}/slices/0?sopInstanceUid=1.4`)
  expect(gone.status).toBe(404)
})

test('a scan tells its newest progress at a pace that a person can follow, then the result', async () => {
  const library = libraryInMemory({
    scan: (_paths, onProgress) => {
      for (let filesRead = 1; filesRead <= 10_000; filesRead++) {
        onProgress({ filesRead, filesTotal: 10_000, path: 'a' })
      }
      return Promise.resolve(accept(emptyScan))
    },
  })
  const response = await createApp(servicesInMemory({ library })).request(
    '/api/scans',
    json({ paths: ['/a'] }),
  )
  const lines = (await response.text()).trimEnd().split('\n')
  const parsed = lines.map((line) => ScanLine.parse(JSON.parse(line)))
  expect(parsed.at(-1)?.kind).toBe('done')
  expect(parsed.length).toBeLessThanOrEqual(2)
})

test('closing the stream of a run stops the run', async () => {
  const told = await new Promise<readonly string[]>((tidiedUp) => {
    const runs = runsInMemory({
      async *start(_request, signal) {
        try {
          for (;;) yield await Promise.resolve(samplesLine)
        } finally {
          tidiedUp(signal.aborted ? ['aborted', 'tidied up'] : ['tidied up'])
        }
      },
    })
    const app = createApp(servicesInMemory({ runs }))
    void Promise.resolve(app.request('/api/runs', json(runRequest))).then(async (response) => {
      const reader = response.body?.getReader()
      await reader?.read()
      await reader?.cancel()
    })
  })
  expect(told).toEqual(['aborted', 'tidied up'])
})

test('a run that the program breaks half way ends with a line that says so, without what the error said', async () => {
  const runs = runsInMemory({
    async *start() {
      yield await Promise.resolve(samplesLine)
      throw new Error('/scans/of/a patient')
    },
  })
  const services = servicesInMemory({ runs })
  const response = await createApp(services).request('/api/runs', json(runRequest))
  const lines = (await response.text()).trimEnd().split('\n')
  const last = RunLine.parse(JSON.parse(lines.at(-1) ?? ''))
  expect(lines).toHaveLength(2)
  expect(last).toMatchObject({ kind: 'refused', refusal: { code: 'internal' } })
  expect(services.logged).toHaveLength(1)
  expect(JSON.stringify([last, services.logged])).not.toContain('patient')
})

test('a mistake of the program ends the request, is logged once, and tells no path', async () => {
  const services = servicesInMemory({
    status: () => {
      throw new Error('/scans/of/a patient')
    },
  })
  const response = await createApp(services).request('/api/status')
  expect(response.status).toBe(500)
  expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
  const refusal = await refusalOf(response)
  expect(refusal.code).toBe('internal')
  expect(services.logged).toEqual([refusal])
  expect(refusal.reason).not.toContain('patient')
})

test.each(['/', '/api/library', '/api/nothing', '/nothing.html', '/api/runs/x/fields'])(
  'the answer of %s carries the policy',
  async (path) => {
    const { headers } = await createApp(servicesInMemory()).request(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  },
)

test.each(['DELETE', 'PATCH', 'OPTIONS'])('%s is not a way to ask', async (method) => {
  const response = await createApp(servicesInMemory()).request('/api/library', { method })
  expect(response.status).toBe(405)
})

test('what was dropped on the page lies under its own name and is scanned from there', async () => {
  const services = servicesInMemory()
  const app = createApp(services)
  const put = await app.request('/api/uploads/u-1/CT%20scan/1.dcm', { method: 'PUT', body: 'bytes' })
  expect(await put.json()).toEqual({ path: 'CT scan/1.dcm', sizeBytes: 5 })
  expect(readFileSync(join(services.uploadDir, 'u-1', 'CT scan', '1.dcm'), 'utf8')).toBe('bytes')

  const twice = await app.request('/api/uploads/u-1/CT%20scan/1.dcm', { method: 'PUT', body: 'other' })
  expect(twice.status).toBe(400)
  expect(readFileSync(join(services.uploadDir, 'u-1', 'CT scan', '1.dcm'), 'utf8')).toBe('bytes')

  const scan = await app.request('/api/uploads/u-1/scan', { method: 'POST' })
  expect(await scan.text()).toContain('"kind":"done"')
  expect(services.library.roots()).toEqual([join(services.uploadDir, 'u-1')])
  expect((await app.request('/api/uploads/u-2/scan', { method: 'POST' })).status).toBe(404)
})

test('uploads stop at their limits and keep nothing of a file that was too large', async () => {
  const { uploadDir } = servicesInMemory()
  const uploads = createUploads(uploadDir, { uploads: 1, filesPerUpload: 2, fileBytes: 4, totalBytes: 6 })
  const put = async (id: string, path: string, text: string): Promise<string> => {
    const answer = await uploads.put(id, path, new Response(text).body)
    return answer.ok ? 'kept' : answer.refusal.code
  }
  expect(await put('a', 'long', '12345')).toBe('limit-reached')
  expect(await put('a', 'long', '1234')).toBe('kept')
  expect(await put('a', 'third', '1')).toBe('limit-reached')
  expect(await put('b', 'first', '1')).toBe('limit-reached')
})

test.each([
  ['a/b.dcm', 'a/b.dcm'],
  ['../b', null],
  ['a/../../b', null],
  ['/etc/passwd', null],
  ['a//b', null],
  ['./a', null],
  ['', null],
  ['a\u0000b', null],
  ['C:\\Windows\\x', 'C__Windows_x'],
  ['a\\..\\b', 'a_.._b'],
  ['con.dcm', '_con.dcm'],
  ['name. ', 'name_'],
  ['ä/胸部.dcm', 'ä/胸部.dcm'],
  [Array.from({ length: 17 }, () => 'a').join('/'), null],
  ['x'.repeat(201), null],
])('the sent path %j is kept as %j', (sent, kept) => {
  expect(cleanRelativePath(sent)).toBe(kept)
})
