import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { accept } from '../../../src/contract'
import { createApp } from '../../../src/main/app/create-app'
import { runInMemory, runsInMemory, servicesInMemory } from '../services-in-memory'
import {
  type Answer,
  drawing,
  drawnRun,
  makePanel,
  openCase,
  openPlace,
  PASSWORD,
  OTHER_SERIES,
  readCase,
  signInFirst,
  SERIES,
  subjectOf,
} from './annotation-places'

/**
 * A reader who still reads blind asks every route of the program, generated from its own table of routes, with every
 * identifier that there is: no answer holds what others drew, or tells that they did.
 */

/** Values of what stands in paths and queries: what is there, what is another's, and what is not there. */
interface Known {
  readonly attempts: readonly string[]
  readonly panels: readonly string[]
  readonly raters: readonly string[]
  readonly runs: readonly string[]
}

const pathsOf = (path: string, { attempts, panels, raters, runs }: Known): readonly string[] => {
  const values: Readonly<Record<string, readonly string[]>> = {
    uid: [SERIES, OTHER_SERIES, '1.2.3'],
    index: ['0', '1', '2', '99', '-1', 'x'],
    attemptId: attempts,
    panelId: panels,
    raterId: raters,
    runId: runs,
    imageId: ['img-1', 'photo'],
    id: [...attempts, ...panels],
    uploadId: ['u'],
  }
  let paths = [path]
  for (const [whole, name = ''] of path.matchAll(/:(\w+)(?:\{[^}]*\})?/g))
    paths = paths.flatMap((one) => (values[name] ?? ['x']).map((value) => one.replace(whole, value)))
  return paths.map((one) => one.replaceAll('*', 'x'))
}

const QUERIES: readonly string[] = [
  '',
  ...[SERIES, OTHER_SERIES].flatMap((uid) => {
    const about = `?seriesUid=${uid}`
    const more = ['', '&consensus=majority', '&consensus=staple', '&lesionId=lesion-1', '&panelId=x']
    const formats = ['coco', 'png', 'seg'].map((format) => `&format=${format}&reader=X`)
    return [...more, ...formats].map((rest) => about + rest)
  }),
  '?imageId=img-1',
  '?after=0',
  '?after=99',
  '?first=0&count=1',
  '?limit=1000',
]

const bodies = ({ panels, attempts }: Known): readonly unknown[] => [
  null,
  {},
  { annotationIds: ['xml'] },
  ...[...panels, null].map((panelId) => ({ subject: subjectOf(SERIES), blind: true, panelId })),
  ...['seg', 'rtstruct', 'nifti', 'png', 'coco', 'lidc-xml', 'bundle'].flatMap((format) =>
    ['none', 'majority', 'staple'].map((consensus) => ({
      ...{ subject: subjectOf(SERIES), panelId: null, format, readingIds: [], consensus },
    })),
  ),
  { subject: subjectOf(SERIES), panelId: null, format: 'coco', readingIds: [...attempts], consensus: 'none' },
  ...[true, false].map((isOnSlice) => ({
    target: {
      ...{ kind: 'series', seriesUid: SERIES, sliceIndex: isOnSlice ? 1 : 0, column: 14, row: 14 },
      structureId: isOnSlice ? 'n' : null,
    },
    ...{ modelId: null, samples: 1, seed: 1 },
  })),
  {
    lesions: [SERIES, OTHER_SERIES].map((seriesUid) => ({
      target: { kind: 'series', seriesUid, sliceIndex: 1, column: 14, row: 14, structureId: null },
      ...{ modelId: null, samples: 1, seed: 1 },
    })),
  },
  { kind: 'sample', modelId: null, detail: 'x' },
  { name: 'Panel', words: { instructions: 'x', target: 'x', labels: ['x'] } },
  { subjects: [], raterIds: [], protocol: null },
  { retired: true },
  { retired: false },
  { current: 'x', next: 'a password of nobody' },
  { formats: ['coco', 'png', 'seg'], consensus: 'majority' },
]

/** What ends a reading, and with it the blindness; and what lays files down. */
const isLeftOut = (method: string, path: string): boolean =>
  /\/(commit|lock)$/.test(path) ||
  (method === 'PUT' && path.includes('/uploads')) ||
  path.endsWith('/session/end')

/** Texts of at least eight letters under these names, wherever they stand. */
function textsUnder(value: unknown, names: ReadonlySet<string>): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => textsUnder(one, names))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === 'string' && names.has(name) && one.length >= 8 ? [one] : textsUnder(one, names),
  )
}

/** A reader, and an owner: what an owner may do to panels and raters is asked too, and shows nothing either. */
test.each([
  { who: 'reader', role: 'reader' },
  { who: 'owner who is a reader', role: 'owner' },
] as const)(
  'a blind $who who asks every route for everything is given no outline and no sign of one',
  async ({ role }) => {
    const place = await openPlace()
    const [first, b] = [await place.signIn('Owner'), await place.signIn('B')]
    await first.post('/api/raters', { name: 'Other', password: PASSWORD, role: 'owner' })
    const owner = await signInFirst(place, 'Other')
    const a = role === 'owner' ? first : await place.signIn('A')
    const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' })
    const secretAttempt = await readCase(b, panelId, drawing(11, 12, 7))
    const own = await openCase(a, panelId)
    // What is to be found nowhere: taken from what who may see it is shown.
    const shown = await owner.get(`/api/comparisons?seriesUid=${SERIES}&consensus=majority`)
    expect(shown.status).toBe(200)
    const audit = await owner.get('/api/audit')
    const secrets = new Set([
      secretAttempt,
      ...textsUnder(shown.body, new Set(['bits', 'digest'])),
      ...textsUnder(JSON.parse(audit.text), new Set(['digest', 'hash'])),
    ])
    expect(secrets.size).toBeGreaterThan(2)
    const known: Known = {
      attempts: [secretAttempt, own, randomUUID()],
      panels: [panelId, randomUUID()],
      raters: [b.rater.raterId, randomUUID()],
      runs: ['run-1', 'run-2', 'x'],
    }
    const routes = new Map(
      place.app.routes
        .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api'))
        .map(({ method, path }) => [`${method} ${path}`, { method, path }]),
    )
    expect(routes.size).toBeGreaterThan(25)
    let asked = 0
    const found: string[] = []
    const look = (what: string, { text, status }: Answer): void => {
      asked += 1
      for (const secret of secrets)
        // A reader who names an identifier may be told that this very one is not there.
        if (text.includes(secret) && !what.includes(secret)) found.push(`${status} ${what}`)
    }
    for (const { method, path } of routes.values())
      for (const plain of pathsOf(path, known)) {
        if (isLeftOut(method, plain)) continue
        for (const query of QUERIES) {
          const at = plain + query
          if (method === 'GET') look(at, await a.get(at))
          else if (query.length < 24) for (const body of bodies(known)) look(at, await a.post(at, body))
        }
      }
    expect(found).toEqual([])
    expect(asked).toBeGreaterThan(5_000)
    // Whoever asked was known to the end.
    expect((await a.get('/api/panels')).status).toBe(200)
    // The sweep would have found it: the same question of who may see it holds it.
    const seen = await owner.get(`/api/comparisons?seriesUid=${SERIES}`)
    expect([...secrets].some((secret) => seen.text.includes(secret))).toBe(true)
    // And the attempt is still open: nothing that was asked ended the blindness.
    const cases = await a.get(`/api/panels/${panelId}/cases`)
    expect(cases.text).not.toContain(secretAttempt)
  },
  300_000,
)

test.each(['reader', 'owner'] as const)(
  'whether others read, drew or ran anything changes no answer that a blind %s is given',
  async (role) => {
    const answersOf = async (isRead: boolean): Promise<readonly string[]> => {
      const place = await openPlace()
      const [owner, b] = [await place.signIn('Owner'), await place.signIn('B')]
      const a = role === 'owner' ? owner : await place.signIn('A')
      const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' })
      if (isRead) await readCase(b, panelId, drawing(11, 12, 7))
      await openCase(a, panelId)
      const asked = [
        `/api/readings?seriesUid=${SERIES}`,
        `/api/comparisons?seriesUid=${SERIES}`,
        `/api/runs/run-1/fields?first=0&count=1`,
        `/api/runs/run-9/fields?first=0&count=1`,
        `/api/panels/${panelId}/agreement`,
        `/api/panels/${panelId}/progress`,
        `/api/panels/${panelId}/cases`,
        '/api/panels',
        '/api/worklist',
        '/api/audit',
      ]
      const answers: string[] = []
      const told = ({ status, text }: Answer): string =>
        // What is drawn anew at every start: identifiers, and instants.
        `${status} ${text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')}`
      for (const path of asked) answers.push(told(await a.get(path)))
      const words = { instructions: '', target: 'x', labels: [] }
      for (const [path, body] of [
        ['export', { formats: ['coco'] }],
        ['close', {}],
        ['', { words }],
      ] as const)
        answers.push(told(await a.post(`/api/panels/${panelId}${path === '' ? '' : `/${path}`}`, body)))
      return answers
    }
    expect(await answersOf(true)).toEqual(await answersOf(false))
  },
)

test('a run that is withheld and one that never was are answered alike, after the same questions', async () => {
  let questions = 0
  let isBlind = false
  const app = createApp(
    servicesInMemory({
      runs: runsInMemory({ start: () => drawnRun('run-1') }),
      disclosure: {
        // Given while it is drawn; a blind reading of it begins after.
        release: () => Promise.resolve(accept(null)),
        withheld: () => {
          questions += 1
          return Promise.resolve(
            accept(
              isBlind
                ? { reason: 'You read it blind.', until: 'Commit it.', readFirst: true, panelId: null }
                : null,
            ),
          )
        },
      },
    }),
  )
  const headers = { 'content-type': 'application/json' }
  const drawn = await app.request('/api/runs', { method: 'POST', body: JSON.stringify(runInMemory), headers })
  expect(await drawn.text()).toContain('run-1')
  isBlind = true
  const answer = async (runId: string): Promise<readonly [number, string, number]> => {
    questions = 0
    const response = await app.request(`/api/runs/${runId}/fields?first=0&count=1`)
    return [response.status, await response.text(), questions]
  }
  const [withheld, unknown] = [await answer('run-1'), await answer('run-9')]
  expect(withheld).toEqual(unknown)
  expect(withheld[2]).toBe(1)
})
