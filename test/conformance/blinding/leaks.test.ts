import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { accept, NewRater, refuse } from '../../../src/contract'
import type { Result } from '../../../src/contract'
import { createApp } from '../../../src/main/app/create-app'
import { workspaceAt } from '../../../src/main/cli/serve'
import { sessionPrefix, sweepSessions } from '../../../src/main/compose/session-folders'
import { createWorkspaceServices } from '../../../src/main/compose/create-workspace-services'
import { openBrowserDoor } from '../../../src/main/doors/browser'
import { hashPassword } from '../../../src/main/accounts/password'
import { shownLocation } from '../../../src/main/workspace/default-location'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import {
  drawing,
  libraryOfPlace,
  makePanel,
  NO_WORDS,
  openCase,
  openPlace,
  OTHER_SERIES,
  PASSWORD,
  readCase,
  SERIES,
  subjectOf,
} from './annotation-places'
import { runsInMemory, samplesLine, servicesInMemory } from '../services-in-memory'

/** What a rater, a neighbour on the same computer, or nobody signed in could have learned. */

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})
const noReadings = {
  importAnnotations: () => Promise.resolve(refuse('not-found', 'No annotation lies here.')),
  of: () => null,
}

/** Services on a workspace that opens as told. */
const servicesOn = (open: () => Promise<Result<WorkspaceStore>>, accounts: boolean, location = 'test') => {
  const library = libraryOfPlace()
  const onWorkspace = createWorkspaceServices({
    ...{ open, location, accounts, library, readings: noReadings, writeWorkerPath: null, version: '0' },
    nowMs: () => performance.now(),
  })
  return servicesInMemory({
    ...{ library, readings: noReadings, close: onWorkspace.closeWorkspace },
    ...onWorkspace,
  })
}
const broken = (): Promise<Result<WorkspaceStore>> =>
  Promise.resolve(refuse('workspace-failed', 'The workspace folder /srv/ada/secret may not be written to.'))
const run = {
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 1, column: 14, row: 14, structureId: null },
  ...{ modelId: null, samples: 1, seed: 1 },
}

describe('an owner who reads blind', () => {
  test('is not given the audit log, whose hashes a candidate answer can be tried against, until all is committed', async () => {
    const place = await openPlace()
    const owner = await place.signIn('Owner')
    const a = await place.signIn('A')
    expect((await owner.get('/api/audit')).status).toBe(200)
    const panelId = await makePanel(owner, [owner, a])
    await readCase(a, panelId, drawing(11, 10, 8))
    expect((await owner.get('/api/audit')).code).toBe('blind')
    // Nor how long it is: that tells what others do meanwhile.
    expect((await owner.get('/api/audit/verify')).body).toEqual({ whole: true })
    await readCase(owner, panelId, drawing(10, 10, 8))
    expect((await owner.get('/api/audit')).text).toContain('digest')
    expect(Object.keys((await owner.get('/api/audit/verify')).body)).toContain('entries')
  })
})

describe('a hidden repeat', () => {
  test('is not told by asking for an image out of order, nor by how many cases there are', async () => {
    const place = await openPlace()
    const owner = await place.signIn('Owner')
    const a = await place.signIn('A')
    const b = await place.signIn('B')
    // By this seed the image that comes again does so last: a, b, a.
    const withRepeats = await makePanel(owner, [a], { repeatShare: 0.5, seed: 6 }, [SERIES, OTHER_SERIES])
    const without = await makePanel(owner, [b], {}, [SERIES, OTHER_SERIES])
    const answers = []
    for (const [reader, panelId] of [
      [a, withRepeats],
      [b, without],
    ] as const) {
      const listed = (await reader.get(`/api/panels/${panelId}/cases`)).body['cases'] as {
        subject: { seriesUid: string } | null
      }[]
      const first = listed[0]?.subject?.seriesUid ?? ''
      await readCase(reader, panelId, drawing(10, 10, 8), first)
      // The image just read, asked for again: the same answer whether it comes again or not.
      const again = await reader.post('/api/attempts', { subject: subjectOf(first), blind: true, panelId })
      answers.push([again.status, again.code, again.text])
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.[1]).toBe('not-allowed')
    const panels = (await a.get('/api/panels')).body['panels'] as { cases: number | null }[]
    expect(panels[0]?.cases).toBeNull()
  })
})

test('the model’s spread in the worklist is an exposure to the model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-workspace-'))
  const services = servicesOn(() => openWorkspace(folder, { clock: () => Date.now() }), false)
  const rater = (await services.accounts.raterOf(null))?.rater ?? null
  if (rater === null) throw new Error('nobody')
  const size = { median: 8, low95: 4, high95: 12 }
  await services.worklist.noteRun(subjectOf(SERIES), {
    sizes: { equivalentDiameterMm: size },
  } as unknown as Parameters<typeof services.worklist.noteRun>[1])
  const app = createApp(services)
  expect(await (await app.request('/api/worklist')).text()).toContain('"modelSpread":1')
  const opened = await app.request(
    '/api/attempts',
    json({ subject: subjectOf(SERIES), blind: true, panelId: null }),
  )
  const { attempt } = (await opened.json()) as { attempt: { blind: boolean; exposures: { kind: string }[] } }
  expect(attempt.blind).toBe(false)
  expect(attempt.exposures.map(({ kind }) => kind)).toContain('model')
  await services.close()
})

test('a run that streams already gives nothing more once a blind reading of its image begins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-workspace-'))
  const base = servicesOn(() => openWorkspace(folder, { clock: () => Date.now() }), false)
  let goOn = (): void => undefined
  const held = new Promise<void>((next) => {
    goOn = next
  })
  async function* lines() {
    yield samplesLine
    await held
    for (let line = 0; line < 5; line += 1) yield samplesLine
  }
  const library = base.library
  const app = createApp({ ...base, library, runs: runsInMemory({ start: () => lines() }) })
  // Another image was read blind before; this one is asked for in a panel while the run goes on.
  const rater = (await base.accounts.raterOf(null))?.rater ?? null
  if (rater === null) throw new Error('nobody')
  const response = await app.request('/api/runs', json(run))
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(new TextDecoder().decode(first?.value)).toContain('"samples"')
  const made = await app.request(
    '/api/panels',
    json({
      name: 'P',
      words: NO_WORDS,
      protocol: { blind: true, reveal: 'own-commit', startFromModel: false, repeatShare: 0, seed: 1 },
      subjects: [subjectOf(SERIES)],
      raterIds: [rater.raterId],
    }),
  )
  expect(made.status).toBe(200)
  goOn()
  let rest = ''
  for (;;) {
    const part = await reader?.read()
    if (part === undefined || part.done) break
    rest += new TextDecoder().decode(part.value)
  }
  expect(rest).toContain('"blind"')
  expect(rest).not.toContain('"samples"')
  await base.close()
})

test('a run that streams already gives nothing more once who asked has signed out', async () => {
  const base = servicesOn(
    () => openWorkspace(mkdtempSync(join(tmpdir(), 'margin-workspace-')), { clock: () => Date.now() }),
    true,
  )
  let isIn = true
  const rater = { raterId: 'a', name: 'A', pseudonym: 'R1', role: 'reader', retired: false } as const
  const accounts = {
    ...base.accounts,
    raterOf: () => Promise.resolve(isIn ? { rater, mustChangePassword: false } : null),
  }
  async function* lines() {
    yield await Promise.resolve(samplesLine)
    isIn = false
    for (let line = 0; line < 5; line += 1) yield samplesLine
  }
  const disclosure = {
    ...base.disclosure,
    release: () => Promise.resolve(accept(null)),
    withheld: () => Promise.resolve(accept(null)),
  }
  const app = createApp({ ...base, accounts, disclosure, runs: runsInMemory({ start: () => lines() }) })
  const text = await (await app.request('/api/runs', json(run))).text()
  expect(text.match(/"samples"/g)).toHaveLength(1)
  expect(text).toContain('"signed-out"')
  await base.close()
})

test('what cannot be noted is not shown: without a workspace no run is given, and a reading there is not called blind after', async () => {
  const app = createApp(servicesOn(broken, false))
  for (const answer of [
    await app.request('/api/runs', json(run)),
    await app.request('/api/attempts', json({ subject: subjectOf(SERIES), blind: true, panelId: null })),
  ]) {
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('may not be written to')
  }
  // Where nobody signs in, nobody is asked to: it is said what is the matter.
  expect(await (await app.request('/api/panels')).text()).toMatch(/may not be written to/)
  // Pictures are looked at all the same.
  expect((await app.request('/api/library')).status).toBe(200)
})

test('whether readings lie beside an image is no answer for a blind reader either', async () => {
  const place = await openPlace()
  const owner = await place.signIn('Owner')
  const a = await place.signIn('A')
  await makePanel(owner, [a], {}, [SERIES, OTHER_SERIES])
  const [beside, none] = [SERIES, OTHER_SERIES].map((uid) => a.get(`/api/readings?seriesUid=${uid}`))
  expect(await beside).toEqual(await none)
  expect((await beside)?.code).toBe('blind')
})

describe('nobody signed in', () => {
  test('is told no folder, no address and no password', async () => {
    const secret = 'postgres://margin:hunter2hunter2@db.example/margin'
    const app = createApp({
      ...servicesOn(broken, true, secret),
      status: () =>
        Promise.resolve({
          ...{ version: '0', door: 'browser', researchUse: '', openFirst: 'roots', opening: null },
          roots: ['/data/patients/Smith'],
        }),
    })
    const told =
      (await (await app.request('/api/session')).text()) + (await (await app.request('/api/status')).text())
    const trying = await app.request('/api/session', json({ name: 'Ada', password: PASSWORD }))
    expect(trying.status).toBe(503)
    expect(told + (await trying.text())).not.toMatch(/secret|ada|Smith|hunter2|db\.example/)
    const local = createApp(servicesOn(broken, false, secret))
    expect(await (await local.request('/api/session')).text()).not.toContain('hunter2')
  })

  test('a password in an address is masked in words, and refused on the command line', () => {
    expect(shownLocation('postgres://u:p%40ss@host:5432/db?password=x&y=1')).not.toMatch(/p%40ss|=x|u:/)
    expect(() => workspaceAt('postgres://u:secret@host/db', '/')).toThrow(/PGPASSWORD/)
    expect(() => workspaceAt('postgresql://host/db?password=secret', '/')).toThrow(/PGPASSWORD/)
    expect(workspaceAt('postgres://u@host/db', '/')).toBe('postgres://u@host/db')
  })
})

describe('the cookie of a session', () => {
  test('behind TLS goes over TLS alone and to this host and port alone', async () => {
    const place = await openPlace()
    const door = await openBrowserDoor((request) => place.app.fetch(request), 0, {
      accounts: true,
      origins: ['https://margin.example'],
    })
    if (!door.ok) throw new Error(door.refusal.reason)
    const cookies: string[] = []
    const here = `127.0.0.1:${door.value.port}`
    for (const host of ['margin.example', here]) cookies.push(await rawCookie(door.value.port, host))
    // What the request itself says of where it was sent is nobody's word, however it is spelt, once or twice.
    const saying = (origin: string): string =>
      `X-Margin-Origin: ${origin}\r\nx-margin-origin: ${origin}\r\nx-margin-peer: 10.0.0.1\r\n`
    cookies.push(await rawCookie(door.value.port, here, saying('https://margin.example')))
    cookies.push(await rawCookie(door.value.port, 'margin.example', saying('http://127.0.0.1:1')))
    await door.value.close()
    expect(cookies[0]).toMatch(/^__Host-margin-rater=.*; Path=\/; HttpOnly; Secure; SameSite=Strict/)
    expect(cookies[1]).not.toContain('Secure')
    const nameOf = (cookie = ''): string => cookie.split('=')[0] ?? ''
    expect(cookies.slice(2).map(nameOf)).toEqual([nameOf(cookies[1]), nameOf(cookies[0])])
  })

  test('is worth nothing once the password is another one, wherever it was changed', async () => {
    const place = await openPlace()
    const a = await place.signIn('A')
    expect((await a.get('/api/panels')).status).toBe(200)
    const store = await openWorkspace(place.folder, { clock: () => Date.now() })
    if (!store.ok) throw new Error(store.refusal.reason)
    await store.value.setPassword(
      a.rater.raterId,
      { passwordHash: await hashPassword('another password'), oneTime: false },
      null,
    )
    await store.value.close()
    expect((await a.get('/api/panels')).code).toBe('signed-out')
  })

  test('is not used by a tab for another person than the one it shows', async () => {
    const place = await openPlace()
    const a = await place.signIn('A')
    const b = await place.signIn('B')
    const answer = await place.app.request('/api/panels', {
      headers: { cookie: a.cookie, 'x-margin-rater': b.rater.raterId },
    })
    expect(answer.status).toBe(401)
    expect(
      (
        await place.app.request('/api/panels', {
          headers: { cookie: a.cookie, 'x-margin-rater': a.rater.raterId },
        })
      ).status,
    ).toBe(200)
  })
})

/** The set-cookie of a sign-in, by a socket: `fetch` lets nobody choose the Host. */
function rawCookie(port: number, host: string, further = ''): Promise<string> {
  const body = JSON.stringify({ name: 'A', password: PASSWORD })
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('error', fail)
    socket.on('data', (part) => {
      answer += part.toString()
      const cookie = /^set-cookie: (.*)$/im.exec(answer)?.[1]
      if (cookie === undefined) return
      socket.destroy()
      done(cookie)
    })
    socket.write(
      `POST /api/session HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${further}\r\n${body}`,
    )
  })
}

test('what a killed program had laid down for its session is swept at the next start; that of a running one stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-sweep-'))
  const [dead, alive, other] = [
    join(folder, `${sessionPrefix(999_999_999)}abc123`),
    join(folder, `${sessionPrefix(process.pid)}abc123`),
    join(folder, 'margin-session-notes'),
  ]
  for (const path of [dead, alive, other]) {
    mkdirSync(join(path, 'uploads'), { recursive: true })
    writeFileSync(join(path, 'uploads', 'patient.dcm'), 'pixels')
  }
  await sweepSessions(folder)
  expect([dead, alive, other].map((path) => existsSync(path))).toEqual([false, true, true])
})

describe('people', () => {
  test('a workspace whose raters sign in gains nobody by being opened without accounts', async () => {
    const place = await openPlace()
    const before = await place.signIn('Owner')
    const services = servicesOn(() => openWorkspace(place.folder, { clock: () => Date.now() }), false)
    const app = createApp(services)
    expect(await (await app.request('/api/panels')).text()).toContain('--accounts')
    await services.close()
    const { raters } = (await before.get('/api/raters')).body as { raters: { name: string }[] }
    expect(raters.map(({ name }) => name)).toEqual(['Owner', 'A', 'B'])
  })

  test('a name of blanks is none, and blanks around a name are not of it', async () => {
    expect(NewRater.safeParse({ name: '   ', password: 'long enough', role: 'reader' }).success).toBe(false)
    expect(NewRater.parse({ name: ' Ada ', password: 'long enough', role: 'reader' }).name).toBe('Ada')
    const place = await openPlace()
    const owner = await place.signIn('Owner')
    expect(
      (await owner.post('/api/raters', { name: ' \t', password: 'long enough', role: 'reader' })).status,
    ).toBe(400)
  })

  test('a clock beyond the year 9999 is refused in words, and nothing is written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'margin-workspace-'))
    let nowMs = Date.UTC(2026, 0, 1)
    const store = await openWorkspace(folder, { clock: () => nowMs })
    if (!store.ok) throw new Error(store.refusal.reason)
    nowMs = Date.UTC(12_026, 0, 1)
    const refused = await store.value.addRater({ name: 'A', role: 'reader', passwordHash: null }, null)
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'workspace-failed' } })
    nowMs = Date.UTC(2026, 0, 2)
    expect((await store.value.addRater({ name: 'A', role: 'reader', passwordHash: null }, null)).ok).toBe(
      true,
    )
    await store.value.close()
  })

  test('a case that is next is opened, and goes on as the draft it is', async () => {
    const place = await openPlace()
    const owner = await place.signIn('Owner')
    const a = await place.signIn('A')
    const panelId = await makePanel(owner, [a])
    const attemptId = await openCase(a, panelId)
    expect(await openCase(a, panelId)).toBe(attemptId)
    const entry = { entryId: randomUUID(), expectedRevision: 0, edit: drawing(10, 10, 8), undoes: null }
    expect((await a.post(`/api/attempts/${attemptId}/entries`, entry)).status).toBe(200)
  })
})
