import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../../src/main/app/create-app'
import { openBrowserDoor } from '../../../src/main/doors/browser'
import type { BrowserDoor } from '../../../src/main/doors/browser'
import { libraryInMemory, runsInMemory, samplesLine, servicesInMemory } from '../services-in-memory'

const services = servicesInMemory({ library: libraryInMemory() })
const open: BrowserDoor[] = []

async function openDoor(app = createApp(services)): Promise<BrowserDoor> {
  const door = await openBrowserDoor((incoming) => app.fetch(incoming), 0)
  if (!door.ok) throw new Error(door.refusal.reason)
  open.push(door.value)
  return door.value
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Says exactly these bytes of a path and these headers: `fetch` would tidy both up. */
function ask(
  door: BrowserDoor,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((answered, failed) => {
    const asked = request({ host: '127.0.0.1', port: door.port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        answered({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    asked.on('error', failed)
    asked.end()
  })
}

/** What a browser does with the printed address: the cookie that it then has. */
async function enter(door: BrowserDoor): Promise<{ readonly cookie: string }> {
  const url = new URL(door.url)
  const answer = await ask(door, `${url.pathname}${url.search}`)
  return { cookie: (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '' }
}

let door: BrowserDoor
let guest: { readonly cookie: string }
beforeAll(async () => {
  door = await openDoor()
  guest = await enter(door)
})
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()))
})

test('the printed address leads to a clean address and leaves a cookie that scripts and other sites cannot use', async () => {
  const fresh = await openDoor()
  const url = new URL(fresh.url)
  expect(url.hostname).toBe('127.0.0.1')
  const answer = await ask(fresh, `${url.pathname}${url.search}`)
  expect(answer.status).toBe(303)
  expect(answer.headers.location).toBe('/')
  const cookie = answer.headers['set-cookie']?.[0] ?? ''
  expect(cookie).toContain('HttpOnly')
  expect(cookie).toContain('SameSite=Strict')
  expect(cookie).not.toContain(url.searchParams.get('token'))
})

test('the address lets in once; the browser that came in may use it again', async () => {
  const fresh = await openDoor()
  const { search } = new URL(fresh.url)
  const first = await enter(fresh)
  expect((await ask(fresh, `/${search}`)).status).toBe(403)
  expect((await ask(fresh, `/${search}`, first)).status).toBe(303)
})

test('a look ahead (HEAD, prefetch) does not use the address up', async () => {
  const fresh = await openDoor()
  const { search } = new URL(fresh.url)
  expect((await ask(fresh, `/${search}`, {}, 'HEAD')).status).toBe(403)
  expect((await ask(fresh, `/${search}`, { 'sec-purpose': 'prefetch' })).status).toBe(403)
  expect((await ask(fresh, `/${search}`)).status).toBe(303)
})

test('a browser that came by a link on another page is let in by a page that moves on', async () => {
  const fresh = await openDoor()
  const answer = await ask(fresh, `/${new URL(fresh.url).search}`, { 'sec-fetch-site': 'cross-site' })
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('url=/')
  expect(answer.headers['set-cookie']).toHaveLength(1)
})

test.each([
  ['no cookie', {}],
  ['an empty cookie', { cookie: 'margin-1=' }],
  ['a guessed cookie', { cookie: 'margin=guess' }],
])('with %s nothing is told, neither of the library nor of the page', async (_name, headers) => {
  for (const path of ['/', '/api/library', '/api/status', '/index.html']) {
    const answer = await ask(door, path, headers)
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('Not let in')
  }
})

test('the cookie of one Margin does not open another', async () => {
  const other = await openDoor()
  const value = guest.cookie.split('=')[1] ?? ''
  expect((await ask(other, '/api/library', guest)).status).toBe(403)
  expect((await ask(other, '/api/library', { cookie: `margin-${other.port}=${value}` })).status).toBe(403)
})

test.each(['evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]:80', '0.0.0.0', 'localhost.evil.example'])(
  'a name that was bound to this computer (Host: %s) does not come in, cookie or not',
  async (host) => {
    expect((await ask(door, '/api/library', { ...guest, host })).status).toBe(403)
    expect((await ask(door, `/${new URL(door.url).search}`, { host })).status).toBe(403)
  },
)

test.each([
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
])('a request that another page started (%o) does not come in', async (headers) => {
  for (const method of ['GET', 'POST', 'PUT']) {
    expect((await ask(door, '/api/library', { ...guest, ...headers }, method)).status).toBe(403)
  }
})

test('our own page comes in', async () => {
  const own = { ...guest, origin: `http://127.0.0.1:${door.port}`, 'sec-fetch-site': 'same-origin' }
  expect((await ask(door, '/api/library', own)).status).toBe(200)
  expect((await ask(door, '/', guest)).text).toContain('<title>Margin</title>')
})

test.each([
  '/../package.json',
  '/assets/../../secret.html',
  '/%2e%2e/secret.html',
  '/..%2fsecret.html',
  '/..%5csecret.html',
  '/%00/index.html',
  '/%c0%ae%c0%ae/secret.html',
  '//etc/passwd',
  '/leak.html',
  '/.env',
  '/api/uploads/u-1/..%2f..%2fsecret.html',
  '/api/uploads/..%2fu/secret.html',
])('%s gives nothing that lies outside the page', async (path) => {
  const answer = await ask(door, path, guest)
  expect([400, 403, 404]).toContain(answer.status)
  expect(answer.text).not.toContain('kept to itself')
})

beforeAll(() => {
  const outside = mkdtempSync(join(tmpdir(), 'margin-test-'))
  writeFileSync(join(outside, 'secret.html'), 'kept to itself')
  writeFileSync(join(services.pageDir, '..', 'secret.html'), 'kept to itself')
  symlinkSync(join(outside, 'secret.html'), join(services.pageDir, 'leak.html'))
})

test.each(['..%2f..%2fescape.dcm', '%2e%2e/escape.dcm', '..%5c..%5cescape.dcm'])(
  'an upload to %s stays in its folder or is refused',
  async (path) => {
    const answer = await ask(door, `/api/uploads/u-9/${path}`, guest, 'PUT')
    if (answer.status === 200) expect(answer.text).not.toMatch(/"path":"[^"]*(\.\.\/|\.\.\\)/)
    else expect([400, 404]).toContain(answer.status)
  },
)

test.each(['TRACE', 'OPTIONS', 'DELETE', 'PATCH'])('the method %s is refused', async (method) => {
  const answer = await ask(door, '/api/library', guest, method)
  expect([400, 405]).toContain(answer.status)
  expect(answer.headers['access-control-allow-origin']).toBeUndefined()
})

test('only this computer can connect', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal && address.family === 'IPv4')
  const reached = await Promise.all(outside.map(({ address }) => connects(address, door.port)))
  expect(reached).not.toContain(true)
  expect(await connects('127.0.0.1', door.port)).toBe(true)
})

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((answered) => {
    const socket = connect({ host, port, timeout: 1000 })
    const end = (reached: boolean) => (): void => {
      socket.destroy()
      answered(reached)
    }
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
  })
}

test('a browser that goes away while a run gives samples stops the run', async () => {
  const stopped = await new Promise<boolean>((tidiedUp) => {
    const runs = runsInMemory({
      async *start(_request, signal) {
        try {
          for (;;) yield await Promise.resolve(samplesLine)
        } finally {
          tidiedUp(signal.aborted)
        }
      },
    })
    const body = JSON.stringify({
      target: { kind: 'image', imageId: 'i' },
      modelId: null,
      samples: 1,
      seed: 1,
    })
    void openDoor(createApp(servicesInMemory({ runs }))).then(async (fresh) => {
      const headers = { ...(await enter(fresh)), 'content-length': String(body.length) }
      const options = { host: '127.0.0.1', port: fresh.port, path: '/api/runs', method: 'POST', headers }
      const asked = request(options, (response) => {
        response.once('data', () => asked.destroy())
        response.on('error', () => undefined)
      })
      asked.on('error', () => undefined)
      asked.end(body)
    })
  })
  expect(stopped).toBe(true)
})

test('a port that is taken is refused with what to do', async () => {
  const second = await openBrowserDoor(() => new Response(), door.port)
  expect(second).toMatchObject({ ok: false, refusal: { code: 'request-invalid' } })
})
