import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  drawing,
  makePanel,
  NO_WORDS,
  openCase,
  OTHER_SERIES,
  openPlace,
  PASSWORD,
  readCase,
  signInFirst,
  SERIES,
  subjectOf,
} from './annotation-places'
import type { Comparison, Origin } from '../../../src/contract'
import type { Answer, Browser, Place } from './annotation-places'

let place: Place
let owner: Browser
let a: Browser
let b: Browser
beforeEach(async () => {
  place = await openPlace()
  owner = await place.signIn('Owner')
  a = await place.signIn('A')
  b = await place.signIn('B')
})

const ofSeries = `seriesUid=${SERIES}`
const run = {
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 1, column: 14, row: 14, structureId: null },
  ...{ modelId: null, samples: 1, seed: 1 },
}
const latent = { target: run.target, modelId: run.modelId }
const file = { subject: subjectOf(SERIES), panelId: null, format: 'seg', readingIds: [], consensus: 'none' }

/** Every route that gives out more than the image: what it answers a rater about the series. */
const ways: Readonly<Record<string, (rater: Browser) => Promise<Answer>>> = {
  'a run': (rater) => rater.post('/api/runs', run),
  'a whole lesion': (rater) => rater.post('/api/runs/lesion', run),
  'an export of a run': (rater) =>
    rater.post('/api/runs/export', {
      ...{ run, wholeLesion: false, noduleKind: null, formats: ['csv'], patientFields: false },
    }),
  'what the latent does': (rater) => rater.post('/api/runs/latent', latent),
  'an outline of the latent': (rater) => rater.post('/api/runs/latent/outline', { ...latent, place: [1] }),
  readings: (rater) => rater.get(`/api/readings?${ofSeries}`),
  'bringing readings in': (rater) => rater.post('/api/readings', { annotationIds: ['xml'] }),
  comparison: (rater) => rater.get(`/api/comparisons?${ofSeries}`),
  'comparison, majority': (rater) => rater.get(`/api/comparisons?${ofSeries}&consensus=majority`),
  'comparison, STAPLE': (rater) => rater.get(`/api/comparisons?${ofSeries}&consensus=staple`),
}

describe('until the commit', () => {
  test.each(Object.entries(ways))('%s is refused as blind, and no model draws', async (_name, ask) => {
    const panelId = await makePanel(owner, [a, b])
    await readCase(b, panelId, drawing(11, 10, 8))
    expect((await ask(a)).code).toBe('blind')
    await openCase(a, panelId)
    expect((await ask(a)).code).toBe('blind')
    expect(place.runsStarted()).toBe(0)
  })

  test('the outlines of a run that another rater drew are withheld too, and those of an unknown run are nowhere', async () => {
    const drawn = await owner.post('/api/runs', run)
    expect(drawn.text).toContain('"runId":"run-1"')
    const fields = '/api/runs/run-1/fields?first=0&count=1'
    expect((await a.get(fields)).status).toBe(200)
    const panelId = await makePanel(owner, [a, b])
    // Like a run that never was: that somebody ran the model on the image is not told either.
    const unknown = await a.get('/api/runs/run-2/fields?first=0&count=1')
    expect(await a.get(fields)).toEqual(unknown)
    await readCase(a, panelId, drawing(10, 10, 8))
    expect((await a.get(fields)).status).toBe(200)
    expect(await b.get(fields)).toEqual(unknown)
    expect(unknown.code).toBe('not-found')
  })

  test('the library lists no reading files, the worklist leaves the series out, the panel counts nothing of others', async () => {
    const panelId = await makePanel(owner, [a, b])
    await readCase(b, panelId, drawing(11, 10, 8))
    expect((await owner.get('/api/library')).text).toContain('readings.xml')
    expect((await a.get('/api/library')).text).not.toContain('readings.xml')
    expect((await a.get('/api/worklist')).text).not.toContain(`"seriesUid":"${SERIES}"`)
    const agreement = await a.get(`/api/panels/${panelId}/agreement`)
    expect(agreement.body).toMatchObject({
      cases: 0,
      counts: { outlined: 0, nothing: 0, cannotJudge: 0, notRead: 0 },
    })
    const [panel] = (await a.get('/api/panels')).body['panels'] as { committed: number; cases: number }[]
    expect(panel).toMatchObject({ cases: 1, committed: 0 })
    expect((await a.get(`/api/panels/${panelId}/cases`)).text).not.toContain(b.rater.raterId)
  })

  test("another's attempt, its entries, its history and its commit are not there, whatever is asked", async () => {
    const panelId = await makePanel(owner, [a, b])
    const ofB = await readCase(b, panelId, drawing(11, 10, 8))
    for (const rater of [a, owner]) {
      for (const path of [`/api/attempts/${ofB}`, `/api/attempts/${ofB}/entries?after=0`])
        expect(await rater.get(path)).toMatchObject({ status: 404, code: 'not-found' })
      const nothing = await rater.get('/api/attempts/nobody-has-it')
      const others = await rater.get(`/api/attempts/${ofB}`)
      expect(others.text.replaceAll(ofB, '')).toBe(nothing.text.replaceAll('nobody-has-it', ''))
      const entry = { entryId: randomUUID(), expectedRevision: 1, edit: drawing(1, 1, 2), undoes: null }
      expect((await rater.post(`/api/attempts/${ofB}/entries`, entry)).code).toBe('not-found')
      const commitment = { expectedRevision: 1, readingMs: 0, slicesSeen: 0 }
      expect((await rater.post(`/api/attempts/${ofB}/commit`, commitment)).code).toBe('not-found')
      expect((await rater.post(`/api/attempts/${ofB}/lock`, {})).code).toBe('not-found')
    }
    expect((await a.get(`/api/attempts?${ofSeries}`)).body['attempts']).toEqual([])
  })

  test('an export holds nothing of the peers', async () => {
    const panelId = await makePanel(owner, [a, b])
    const ofB = await readCase(b, panelId, drawing(11, 10, 8))
    for (const readingIds of [[], [ofB], ['imported-A']]) {
      const given = await a.post('/api/exports', { ...file, panelId, readingIds })
      expect(given.status).toBeGreaterThanOrEqual(400)
    }
  })

  test('an own blind attempt outside a panel withholds as well, for that reader alone', async () => {
    const attemptId = await openCase(a, null)
    for (const ask of Object.values(ways)) expect((await ask(a)).code).toBe('blind')
    expect((await b.get(`/api/readings?${ofSeries}`)).status).toBe(200)
    const detail = await a.get(`/api/attempts/${attemptId}`)
    expect(detail.body['attempt']).toMatchObject({ blind: true, exposures: [] })
  })
})

describe('who is not in a running blind panel', () => {
  test('is given nothing of its images before all its readers have committed, by no way; the owner is', async () => {
    for (const reveal of ['own-commit', 'all-committed'] as const) {
      const apart = await openPlace()
      const [runs, reader, other] = await Promise.all(['Owner', 'A', 'B'].map((name) => apart.signIn(name)))
      if (runs === undefined || reader === undefined || other === undefined) throw new Error('nobody')
      await runs.post('/api/raters', { name: 'C', password: PASSWORD, role: 'reader' })
      const outside = await signInFirst(apart, 'C')
      const panelId = await makePanel(runs, [reader, other], { reveal })
      const isWithheld = async (): Promise<void> => {
        for (const [name, ask] of Object.entries(ways))
          expect([name, (await ask(outside)).code]).toEqual([name, 'blind'])
        expect((await outside.get('/api/worklist')).text).not.toContain(`"seriesUid":"${SERIES}"`)
        expect((await outside.get('/api/library')).text).not.toContain('readings.xml')
        expect((await outside.get(`/api/panels/${panelId}/agreement`)).status).toBe(404)
        const told = (await outside.get(`/api/attempts?${ofSeries}`)).body['withheld']
        expect(told).toMatchObject({ readFirst: false, panelId: null })
      }
      await isWithheld()
      await readCase(reader, panelId, drawing(10, 10, 8))
      await isWithheld()
      expect((await runs.get(`/api/comparisons?${ofSeries}`)).status).toBe(200)
      await readCase(other, panelId, drawing(11, 10, 8))
      expect((await outside.get(`/api/comparisons?${ofSeries}`)).text).toContain('"source":"peer"')
      expect((await outside.get(`/api/comparisons?seriesUid=${OTHER_SERIES}`)).status).toBe(200)
    }
  })
})

describe('an image of a panel that is also read beside it', () => {
  test('is read privately by none of its readers while it waits in their panel; a draft from before goes on', async () => {
    const before = await openCase(b, null)
    // With repeats the answer is the same for all its images, read or not.
    const panelId = await makePanel(owner, [a, b], { repeatShare: 1, seed: 3 }, [SERIES, OTHER_SERIES])
    const { cases } = (await a.get(`/api/panels/${panelId}/cases`)).body as {
      cases: { subject: { seriesUid: string } }[]
    }
    await readCase(a, panelId, drawing(10, 10, 8), cases[0]?.subject.seriesUid)
    const refused: string[] = []
    for (const uid of [SERIES, OTHER_SERIES]) {
      const request = { subject: subjectOf(uid), blind: true, panelId: null }
      const opened = await a.post('/api/attempts', request)
      expect(opened).toMatchObject({ status: 403, code: 'not-allowed' })
      refused.push(opened.text)
      expect((await a.post('/api/attempts', { ...request, blind: false })).code).toBe('not-allowed')
    }
    expect(refused[0]).toMatch(/in your panel Panel/)
    expect(refused[1]).toBe(refused[0])
    expect(await openCase(b, null)).toBe(before)
  })

  test('counts with the reading of the panel, whichever was made first: in pairs, for peers, in the worklist', async () => {
    const beside = await readCase(a, null, drawing(20, 20, 4))
    const panelId = await makePanel(owner, [a, b])
    const inPanel = await readCase(a, panelId, drawing(10, 10, 8))
    await readCase(b, panelId, drawing(11, 10, 8))
    const compared = (await a.get(`/api/comparisons?${ofSeries}`)).body as unknown as Comparison
    expect(compared.ownReadingId).toBe(inPanel)
    const own = compared.readings.filter(({ source }) => source === 'own')
    expect(own.map(({ readingId, name }) => [readingId, name])).toEqual([
      [inPanel, 'You'],
      [beside, 'You, attempt 2, not in the panel'],
    ])
    expect(compared.pairs[0]?.dice.value).toBe(0.875)
    const ofB = (await b.get(`/api/comparisons?${ofSeries}`)).body as unknown as Comparison
    expect(ofB.readings.find(({ source }) => source === 'peer')?.readingId).toBe(inPanel)
    expect((await owner.get('/api/worklist')).text).toContain('"raterDistance":0.0833')
  })
})

describe('the reveal', () => {
  test('own commit: all is shown at once, under numbers, and the exposure is after the commit', async () => {
    const panelId = await makePanel(owner, [a, b])
    await readCase(b, panelId, drawing(11, 10, 8))
    const attemptId = await readCase(a, panelId, drawing(10, 10, 8))
    const compared = await a.get(`/api/comparisons?${ofSeries}&consensus=majority`)
    expect(compared.status).toBe(200)
    const { readings, pairs, counts } = compared.body as {
      readings: { name: string; source: string; blind: boolean; letter: string }[]
      pairs: { dice: { value: number } }[]
      counts: Record<string, number>
    }
    expect(readings.map(({ name, source }) => `${name} ${source}`)).toEqual([
      'You own',
      'Peer 1 peer',
      'Reader A imported',
    ])
    // Reader A keeps the letter that the reading view shows; the peer takes the next one.
    expect(readings.map(({ letter }) => letter).slice(1)).toEqual(['B', 'A'])
    expect(readings.map(({ blind }) => blind)).toEqual([true, true, false])
    // Two squares of 8 px, one column apart: 2 * 56 / 128. The reader from the file drew the own square.
    expect(pairs.map(({ dice }) => dice.value)).toEqual([0.875, 1])
    expect(counts).toMatchObject({ outlined: 3, nothing: 0 })
    expect(compared.text).not.toContain(b.rater.raterId)
    expect(compared.text).not.toContain('"B"}')
    expect((await a.get(`/api/readings?${ofSeries}`)).status).toBe(200)
    const detail = await a.get(`/api/attempts/${attemptId}`)
    expect(detail.body['attempt']).toMatchObject({ state: 'committed', blind: true, exposures: [] })
  })

  test('all committed: who is first waits for the last', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' })
    await readCase(a, panelId, drawing(10, 10, 8))
    for (const ask of Object.values(ways)) expect((await ask(a)).code).toBe('blind')
    expect((await a.get(`/api/panels/${panelId}/agreement`)).body['cases']).toBe(0)
    await readCase(b, panelId, drawing(11, 10, 8))
    expect((await a.get(`/api/comparisons?${ofSeries}`)).status).toBe(200)
    expect((await a.get(`/api/panels/${panelId}/agreement`)).body['cases']).toBe(1)
  })

  test('what is drawn after it is a new attempt that is not blind, and the first one stays', async () => {
    const panelId = await makePanel(owner, [a, b])
    const first = await readCase(a, panelId, drawing(10, 10, 8))
    await a.get(`/api/readings?${ofSeries}`)
    const opened = await a.post('/api/attempts', { subject: subjectOf(SERIES), blind: true, panelId })
    expect(opened.body['attempt']).toMatchObject({ number: 2, blind: false, state: 'draft' })
    const kept = await a.get(`/api/attempts/${first}`)
    expect(kept.body['attempt']).toMatchObject({ number: 1, state: 'committed', revision: 1 })
  })

  test.each([false, true])(
    'no attempt at a case of the panel starts from a model unless the panel says so: it says %s',
    async (startFromModel) => {
      const panelId = await makePanel(owner, [a], { startFromModel })
      await readCase(a, panelId, drawing(10, 10, 8))
      const opened = await a.post('/api/attempts', { subject: subjectOf(SERIES), blind: true, panelId })
      const { attemptId, number } = opened.body['attempt'] as { attemptId: string; number: number }
      expect(number).toBe(2)
      const drawn = drawing(10, 10, 8)
      const to: Origin = {
        ...{ kind: 'peer', model: null, modelSha256: null, seed: null, sampleIndex: null },
        ...{ bandShare: null, readingId: 'peer', diceToOrigin: null },
      }
      const edits = drawn.kind === 'several' ? drawn.edits : []
      const edit = {
        ...drawn,
        edits: edits.map((one) => (one.kind === 'paint' ? { ...one, origin: { from: null, to } } : one)),
      }
      const entry = { entryId: randomUUID(), expectedRevision: 0, edit, undoes: null }
      const answer = await a.post(`/api/attempts/${attemptId}/entries`, entry)
      expect(answer.code).toBe(startFromModel ? null : 'not-allowed')
    },
  )

  test('a case that comes twice is shown when all are committed, and till then the first answer is kept from its own reader', async () => {
    const panelId = await makePanel(owner, [a], { repeatShare: 0.5 }, [SERIES, OTHER_SERIES])
    const order: string[] = []
    const ownAnswers = new Map<string, string | null>()
    for (let at = 0; at < 3; at += 1) {
      const listed = await a.get(`/api/panels/${panelId}/cases`)
      const cases = listed.body['cases'] as { subject: { seriesUid: string } | null }[]
      // The next case alone is named, and nothing after it: the same series twice would tell which one comes again, and
      // so would the seed, or how many are left.
      expect(cases.map(({ subject }) => subject !== null)).toEqual(
        Array.from({ length: at + 1 }, (_, place) => place === at),
      )
      expect(listed.body['panel']).toMatchObject({ cases: null, protocol: { seed: 0, repeatShare: 0 } })
      const uid = cases[at]?.subject?.seriesUid ?? ''
      order.push(uid)
      const attemptId = await readCase(a, panelId, drawing(10, 10, 8), uid)
      const isLast = at === 2
      expect((await a.get(`/api/comparisons?seriesUid=${uid}`)).code).toBe(isLast ? null : 'blind')
      if (!isLast) ownAnswers.set(uid, (await a.get(`/api/attempts/${attemptId}`)).code)
    }
    const again = order.find((uid, at) => order.indexOf(uid) !== at) ?? ''
    expect(ownAnswers.get(again)).toBe('blind')
    expect(new Set(order).size).toBe(2)
    const agreement = await a.get(`/api/panels/${panelId}/agreement`)
    expect(agreement.body['within']).not.toEqual([])
  })
})

describe('accounts', () => {
  test('nobody is given anything but the page and the way in', async () => {
    const nobody = place.asNobody
    expect((await nobody.get('/api/session')).body).toMatchObject({ accounts: true, rater: null })
    for (const path of ['library', 'panels', 'raters', 'worklist', 'audit', 'models', `series/${SERIES}`])
      expect(await nobody.get(`/api/${path}`)).toMatchObject({ status: 401, code: 'signed-out' })
    expect((await nobody.get(`/api/comparisons?${ofSeries}`)).code).toBe('signed-out')
    expect((await nobody.post('/api/attempts', {})).code).toBe('signed-out')
  })

  test('a wrong name and a wrong password are told alike', async () => {
    const nobody = place.asNobody
    const name = await nobody.post('/api/session', { name: 'Z', password: 'wrong password' })
    const password = await nobody.post('/api/session', { name: 'A', password: 'wrong password' })
    expect(name.status).toBe(401)
    expect(password.text).toBe(name.text)
  })

  test('a signed-out session is over', async () => {
    expect((await a.get('/api/panels')).status).toBe(200)
    await a.post('/api/session/end', {})
    expect((await a.get('/api/panels')).code).toBe('signed-out')
  })

  test('a reader adds no rater, makes no panel, opens no folder, reads no audit', async () => {
    for (const answer of [
      await a.get('/api/raters'),
      await a.post('/api/raters', { name: 'C', password: 'long enough', role: 'owner' }),
      await a.post('/api/panels', {
        ...{ name: 'P', words: NO_WORDS, subjects: [subjectOf(SERIES)], raterIds: [a.rater.raterId] },
        protocol: {
          ...{ blind: false, reveal: 'own-commit', startFromModel: true, repeatShare: 0, seed: 1 },
        },
      }),
      await a.post(`/api/raters/${b.rater.raterId}/password`, {}),
      await a.post(`/api/raters/${b.rater.raterId}/retired`, { retired: true }),
      await a.post('/api/panels/p', { name: 'Q' }),
      await a.post('/api/panels/p/close', {}),
      await a.post('/api/scans', { paths: ['/'] }),
      await a.post('/api/uploads/u/scan', {}),
      await a.post('/api/demo', {}),
      await a.get('/api/audit'),
      await a.get('/api/audit/verify'),
    ])
      expect(answer).toMatchObject({ status: 403, code: 'not-allowed' })
    expect((await owner.get('/api/audit/verify')).body).toMatchObject({ whole: true })
  })
})

describe('a draft', () => {
  test('another revision is refused and nothing is overwritten; the same gesture again is stored once', async () => {
    const attemptId = await openCase(a, null)
    const path = `/api/attempts/${attemptId}/entries`
    const entry = { entryId: randomUUID(), expectedRevision: 0, edit: drawing(10, 10, 8), undoes: null }
    expect((await a.post(path, entry)).body).toMatchObject({ revision: 1 })
    expect((await a.post(path, entry)).body).toMatchObject({ revision: 1 })
    const stale = { ...entry, entryId: randomUUID(), edit: drawing(1, 1, 2) }
    expect(await a.post(path, stale)).toMatchObject({ status: 409, code: 'revision-conflict' })
    const entries = (await a.get(`${path}?after=0`)).body['entries']
    expect(entries).toHaveLength(1)
  })

  test('is committed with a verdict and at its last revision only, and then fixed', async () => {
    const attemptId = await openCase(a, null)
    const commit = (expectedRevision: number): Promise<Answer> =>
      a.post(`/api/attempts/${attemptId}/commit`, { expectedRevision, readingMs: 0, slicesSeen: 0 })
    expect((await commit(0)).status).toBeGreaterThanOrEqual(400)
    const path = `/api/attempts/${attemptId}/entries`
    const entry = { entryId: randomUUID(), expectedRevision: 0, edit: drawing(10, 10, 8), undoes: null }
    await a.post(path, entry)
    expect((await commit(0)).code).toBe('revision-conflict')
    expect((await commit(1)).body).toMatchObject({ state: 'committed' })
    const late = { ...entry, entryId: randomUUID(), expectedRevision: 1, edit: drawing(1, 1, 2) }
    expect((await a.post(path, late)).code).toBe('attempt-fixed')
  })
})
