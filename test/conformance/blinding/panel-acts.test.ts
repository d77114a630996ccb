import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { refuse } from '../../../src/contract'
import type { PanelCase, PanelCases, PanelProgress } from '../../../src/contract'
import {
  drawing,
  libraryOfPlace,
  makePanel,
  openCase,
  openPlace,
  OTHER_SERIES,
  PASSWORD,
  readCase,
  signInFirst,
  SERIES,
  subjectOf,
} from './annotation-places'
import type { Answer, Browser, Place } from './annotation-places'

/** What a coordinator does to raters and panels, asked over HTTP: the acts, what they refuse, and that the log has them. */

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

const signedIn = (name: string, password: string): Promise<Answer> =>
  place.asNobody.post('/api/session', { name, password })
const givenTo = async (rater: Browser): Promise<string> => {
  const given = await owner.post(`/api/raters/${rater.rater.raterId}/password`, {})
  expect(given.status).toBe(200)
  return String(given.body['password'])
}
const actsOf = async (): Promise<readonly string[]> =>
  ((await owner.get('/api/audit')).body as unknown as { act: string }[]).map(({ act }) => act)

describe('a password that the owner gives out', () => {
  test('ends every session, lets in to choose another one and to nothing else, and is over then', async () => {
    const again = await place.signIn('A')
    const given = await givenTo(a)
    expect(given).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    for (const session of [a, again]) expect((await session.get('/api/panels')).code).toBe('signed-out')
    expect((await signedIn('A', PASSWORD)).code).toBe('signed-out')

    const once = await place.signIn('A', given)
    expect((await once.get('/api/session')).body).toMatchObject({ mustChangePassword: true })
    for (const path of ['/api/panels', '/api/library', `/api/series/${SERIES}`, '/api/worklist'])
      expect(await once.get(path)).toMatchObject({ status: 401, code: 'signed-out' })
    const choose = (current: string, next: string): Promise<Answer> =>
      once.post('/api/session/password', { current, next })
    expect((await choose(given, given)).code).toBe('request-invalid')
    expect((await choose(given, 'short')).code).toBe('request-invalid')
    expect((await choose('not this one', 'my own words')).code).toBe('not-allowed')
    expect((await choose(given, 'my own words')).body).toMatchObject({
      mustChangePassword: false,
      rater: { name: 'A' },
    })
    // What was given out is over, and so is the session that it began.
    expect((await signedIn('A', given)).code).toBe('signed-out')
    expect((await once.get('/api/panels')).code).toBe('signed-out')
    const own = await place.signIn('A', 'my own words')
    expect((await own.get('/api/panels')).status).toBe(200)
    expect((await actsOf()).filter((act) => act.endsWith('password'))).toEqual([
      'reset-password',
      'set-password',
    ])
    expect((await owner.get('/api/audit')).text).not.toContain(given)
  })

  test('is as much one that the owner typed for a new rater: it lets in to choose another one alone', async () => {
    const added = await owner.post('/api/raters', { name: 'C', password: PASSWORD, role: 'reader' })
    expect(added.status).toBe(200)
    const once = await place.signIn('C')
    expect((await once.get('/api/session')).body).toMatchObject({ mustChangePassword: true })
    expect((await once.get('/api/panels')).code).toBe('signed-out')
    const own = await signInFirst(place, 'C')
    expect((await own.get('/api/panels')).status).toBe(200)
    expect((await signedIn('C', PASSWORD)).code).toBe('signed-out')
    // One who was added at the computer itself chose the own one there.
    expect((await a.get('/api/session')).body).toMatchObject({ mustChangePassword: false })
    expect((await owner.get('/api/audit/verify')).text).toContain('"whole":true')
  })

  test('lets in one at a time, and one choice stands: who is put out or too late is told', async () => {
    const given = await givenTo(a)
    const first = await place.signIn('A', given)
    const second = await place.signIn('A', given)
    expect((await first.get('/api/session')).body).toMatchObject({ rater: null })
    const choices = await Promise.all(
      ['the first choice', 'the second one'].map((next) =>
        second.post('/api/session/password', { current: given, next }),
      ),
    )
    expect(choices.map(({ status }) => status).toSorted()).toEqual([200, 403])
    const [stands] = choices.flatMap(({ status }, at) =>
      status === 200 ? [['the first choice', 'the second one'][at] ?? ''] : [],
    )
    expect((await signedIn('A', stands ?? '')).status).toBe(200)
  })

  test('a rater changes the own one with the session that is open; all others end', async () => {
    const elsewhere = await place.signIn('A')
    const changed = await a.post('/api/session/password', { current: PASSWORD, next: 'another password' })
    expect(changed.status).toBe(200)
    expect((await elsewhere.get('/api/panels')).code).toBe('signed-out')
    expect((await signedIn('A', 'another password')).status).toBe(200)
    expect((await owner.post(`/api/raters/${owner.rater.raterId}/password`, {})).code).toBe('request-invalid')
    expect((await owner.post('/api/raters/none/password', {})).code).toBe('not-found')
  })
})

describe('a retired rater', () => {
  const retire = (rater: Browser, retired: boolean): Promise<Answer> =>
    owner.post(`/api/raters/${rater.rater.raterId}/retired`, { retired })

  test('is signed out, answered as nobody is, and nobody waits for their reading; what was committed stays', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' })
    await readCase(a, panelId, drawing(10, 10, 8))
    expect((await a.get(`/api/comparisons?seriesUid=${SERIES}`)).code).toBe('blind')
    expect((await retire(b, true)).body).toMatchObject({ name: 'B', retired: true })
    expect((await b.get('/api/panels')).code).toBe('signed-out')
    const [retired, unknown] = [await signedIn('B', PASSWORD), await signedIn('Nobody', PASSWORD)]
    expect(retired).toEqual(unknown)
    expect((await a.get(`/api/comparisons?seriesUid=${SERIES}`)).status).toBe(200)
    await retire(a, true)
    expect((await owner.get(`/api/comparisons?seriesUid=${SERIES}`)).text).toContain('"source":"peer"')
    const named = await owner.post('/api/panels', {
      name: 'Q',
      protocol: { blind: true, reveal: 'own-commit', startFromModel: false, repeatShare: 0, seed: 1 },
      words: { instructions: '', target: '', labels: [] },
      subjects: [{ kind: 'series', seriesUid: SERIES }],
      raterIds: [b.rater.raterId],
    })
    expect(named.text).toMatch(/B is retired/)

    expect((await retire(b, false)).body).toMatchObject({ retired: false })
    expect((await signedIn('B', PASSWORD)).status).toBe(200)
    expect((await retire(owner, true)).text).toMatch(/only owner/)
    expect((await actsOf()).filter((act) => /retire|reinstate/.test(act))).toEqual([
      'retire-rater',
      'retire-rater',
      'reinstate-rater',
    ])
  })
})

const words = { instructions: 'Solid parts.', target: 'Nodule', labels: ['Solid', 'Part-solid'] }

describe('a panel', () => {
  test('has another name and other words when the owner says so; what it was drawn from is refused by name', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'own-commit' })
    const edit = (body: object): Promise<Answer> => owner.post(`/api/panels/${panelId}`, body)
    expect((await edit({ name: 'Nodules', words })).body).toMatchObject({ name: 'Nodules', words })
    expect((await a.get('/api/panels')).body).toMatchObject({ panels: [{ name: 'Nodules', words }] })
    for (const [fixed, named] of [
      [{ subjects: [] }, /cases of Nodules cannot/],
      [{ raterIds: [a.rater.raterId] }, /readers of Nodules cannot/],
      [{ protocol: { blind: false } }, /protocol of Nodules cannot/],
      [{ name: 'X', subjects: [], raterIds: [] }, /cases and the readers of Nodules/],
    ] as const)
      expect(await edit(fixed)).toMatchObject({
        code: 'not-allowed',
        text: expect.stringMatching(named) as string,
      })
    expect((await edit({ words: { ...words, labels: ['Solid', 'Solid'] } })).code).toBe('request-invalid')
    await readCase(a, panelId, drawing(10, 10, 8, 1, 'Solid'))
    expect((await edit({ words: { ...words, target: 'Vessel' } })).text).toMatch(/target structure.*fixed/)
    expect((await edit({ words: { ...words, instructions: 'Also others.' } })).status).toBe(200)
    expect((await actsOf()).filter((act) => act === 'edit-panel')).toHaveLength(2)
  })

  test('whose task is changed under an open reading takes its commit only once the reader was told', async () => {
    const panelId = await makePanel(owner, [a], {}, [SERIES])
    const attemptId = await openCase(a, panelId)
    const entry = {
      ...{ entryId: randomUUID(), expectedRevision: 0, undoes: null },
      edit: drawing(10, 10, 8, 1, 'Solid'),
    }
    await a.post(`/api/attempts/${attemptId}/entries`, entry)
    const told = async (): Promise<unknown> =>
      ((await a.get(`/api/panels/${panelId}/cases`)).body['panel'] as { wordsAt: string }).wordsAt
    const commit = async (wordsAt: unknown): Promise<Answer> =>
      a.post(`/api/attempts/${attemptId}/commit`, {
        ...{ expectedRevision: 1, readingMs: 1, slicesSeen: 1 },
        ...(wordsAt === null ? {} : { wordsAt }),
      })
    const before = await told()
    // Labels too: whether the outline's name is one of them is asked after it.
    await owner.post(`/api/panels/${panelId}`, { words: { ...words, labels: ['Other'] } })
    for (const wordsAt of [before, null])
      expect(await commit(wordsAt)).toMatchObject({
        code: 'not-allowed',
        text: expect.stringMatching(
          /task was changed at \d\d:\d\d UTC on 20.*look again, then commit/,
        ) as string,
      })
    expect((await a.get(`/api/attempts/${attemptId}`)).body['attempt']).toMatchObject({ state: 'draft' })
    const between = await told()
    await owner.post(`/api/panels/${panelId}`, { words })
    expect((await commit(between)).text).toMatch(/task was changed/)
    // Another name is no other task.
    const last = await told()
    await owner.post(`/api/panels/${panelId}`, { name: 'Nodules' })
    expect((await commit(last)).status).toBe(200)
  })

  test('with labels commits a reading whose structures are called by them, and names the one that is not', async () => {
    const panelId = await makePanel(owner, [a], {})
    await owner.post(`/api/panels/${panelId}`, { words })
    await expect(readCase(a, panelId, drawing(10, 10, 8, 1, 'Something'))).rejects.toThrow(
      /Something.*Solid, Part-solid/,
    )
    // The draft is still there: renamed, it is committed.
    expect((await a.get(`/api/panels/${panelId}/cases`)).text).toContain('"state":"draft"')
  })

  test('lists a case whose image is not open as such, and offers none after it before it is opened', async () => {
    const library = libraryOfPlace()
    const away = new Set<string>()
    const missing = refuse('not-found', 'No such series is open.')
    const apart = await openPlace(null, {
      ...library,
      seriesDetail: (uid) => (away.has(uid) ? missing : library.seriesDetail(uid)),
    })
    const [runs, reader] = await Promise.all(['Owner', 'A'].map((name) => apart.signIn(name)))
    if (runs === undefined || reader === undefined) throw new Error('nobody')
    const panelId = await makePanel(runs, [reader], {}, [SERIES, OTHER_SERIES])
    const listed = async (): Promise<readonly PanelCase[]> =>
      ((await reader.get(`/api/panels/${panelId}/cases`)).body as unknown as PanelCases).cases
    const first = (await listed())[0]?.subject
    if (first?.kind !== 'series') throw new Error('no case is next')
    away.add(first.seriesUid)
    expect(await listed()).toMatchObject([
      { position: 1, subject: null, state: 'not-read', isNotOpen: true },
      { position: 2, subject: null, state: 'not-read', isNotOpen: false },
    ])
    away.clear()
    expect(await listed()).toMatchObject([{ subject: first, isNotOpen: false }, { subject: null }])
  })

  test('that is closed takes no commit, says so, and shows what was committed to all its readers', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' }, [SERIES, OTHER_SERIES])
    const next = async (rater: Browser): Promise<string> => {
      const { cases } = (await rater.get(`/api/panels/${panelId}/cases`)).body as {
        cases: { subject: { seriesUid: string } | null; state: string }[]
      }
      return (
        cases.find(({ subject, state }) => subject !== null && state !== 'committed')?.subject?.seriesUid ??
        ''
      )
    }
    const first = await next(a)
    await readCase(a, panelId, drawing(10, 10, 8), first)
    const open = await openCase(b, panelId, await next(b))
    expect((await a.post(`/api/panels/${panelId}/close`, {})).code).toBe('not-allowed')
    expect((await owner.post(`/api/panels/${panelId}/close`, {})).body['closedAt']).not.toBeNull()
    const late = await b.post(`/api/attempts/${open}/commit`, {
      ...{ expectedRevision: 0, readingMs: 1, slicesSeen: 1 },
    })
    expect(late.status).not.toBe(200)
    await expect(openCase(a, panelId, await next(a))).rejects.toThrow(/closed/)
    for (const rater of [a, b])
      expect((await rater.get(`/api/comparisons?seriesUid=${first}`)).text).toContain('"verdict":"outlined"')
    expect((await b.get('/api/panels')).text).toMatch(/"closedAt":"20/)
    expect((await owner.get('/api/audit/verify')).text).toContain('"whole":true')
  })

  test('lists what was committed first, with its reveal, whatever drafts its reader began after it', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'all-committed' })
    const first = await readCase(a, panelId, drawing(10, 10, 8))
    await readCase(b, panelId, drawing(12, 10, 8))
    const listed = async (): Promise<unknown> => (await a.get(`/api/panels/${panelId}/cases`)).body['cases']
    const before = await listed()
    expect(before).toMatchObject([{ state: 'committed', revealed: true, attempt: { attemptId: first } }])
    expect(await openCase(a, panelId)).not.toBe(first)
    expect(await listed()).toEqual(before)
    await owner.post(`/api/panels/${panelId}/close`, {})
    expect(await listed()).toEqual(before)
  })

  test('whose figures an owner was shown is read by that owner, later and elsewhere, as not blind', async () => {
    const panelId = await makePanel(owner, [a, b], { reveal: 'own-commit' })
    await readCase(a, panelId, drawing(10, 10, 8))
    await readCase(b, panelId, drawing(12, 10, 8))
    const pairs = (await owner.get(`/api/panels/${panelId}/agreement`)).body['pairs']
    expect(pairs).toMatchObject([{ first: 'R2', second: 'R3', sameAnswer: { value: 1, n: 1 } }])
    // Readers are not told who is who.
    expect((await a.get(`/api/panels/${panelId}/agreement`)).body['pairs']).toEqual([])
    const own = await makePanel(owner, [owner], {})
    const opened = await owner.post('/api/attempts', {
      ...{ subject: { kind: 'series', seriesUid: SERIES }, blind: true, panelId: own },
    })
    expect(opened.body['attempt']).toMatchObject({ blind: false, exposures: [{ kind: 'agreement' }] })
  })

  test('tells its owner who has begun and committed what, and readers nothing of it', async () => {
    const panelId = await makePanel(owner, [a, b], { repeatShare: 1 }, [SERIES, OTHER_SERIES])
    await owner.post('/api/panels/none/close', {})
    const { cases } = (await a.get(`/api/panels/${panelId}/cases`)).body as {
      cases: { subject: { seriesUid: string } }[]
    }
    const first = cases[0]?.subject.seriesUid ?? ''
    await readCase(a, panelId, drawing(10, 10, 8), first)
    const told = (await owner.get(`/api/panels/${panelId}/progress`)).body as unknown as PanelProgress
    expect(told.readers.map(({ pseudonym, committed, places }) => [pseudonym, committed, places])).toEqual([
      ['R2', 1, 4],
      ['R3', 0, 4],
    ])
    const row = told.cases.find(({ subject }) => subject?.kind === 'series' && subject.seriesUid === first)
    expect(row?.cells).toEqual([
      { state: 'in-progress', committed: 1, places: 2 },
      { state: 'not-begun', committed: 0, places: 2 },
    ])
    expect(JSON.stringify(told)).not.toMatch(/outlined|digest/)
    expect((await a.get(`/api/panels/${panelId}/progress`)).code).toBe('not-allowed')
    expect((await owner.get('/api/panels/none/progress')).code).toBe('not-found')
  })

  test('is not closed, nor its target changed, by an owner who still reads it blind', async () => {
    const panelId = await makePanel(owner, [owner, b], { reveal: 'all-committed' })
    const change = { words: { ...words, target: 'X' } }
    const answers = async (): Promise<readonly Answer[]> => [
      await owner.post(`/api/panels/${panelId}/close`, {}),
      await owner.post(`/api/panels/${panelId}`, change),
    ]
    const before = await answers()
    expect(before.map(({ code }) => code)).toEqual(['blind', 'blind'])
    await readCase(b, panelId, drawing(10, 10, 8))
    // Nor does the refusal tell that somebody has committed.
    expect(await answers()).toEqual(before)
    await readCase(owner, panelId, drawing(10, 10, 8))
    expect((await owner.post(`/api/panels/${panelId}/close`, {})).status).toBe(200)
  })
})

describe('a case that was shown', () => {
  test('is known as such by its reader alone, and what is begun then is not blind', async () => {
    const wasShown = async (rater: Browser): Promise<unknown> =>
      (await rater.get(`/api/attempts?seriesUid=${SERIES}`)).body['wasShown']
    expect(await wasShown(a)).toBe(false)
    await a.get(`/api/readings?seriesUid=${SERIES}`)
    expect([await wasShown(a), await wasShown(b)]).toEqual([true, false])
    const opened = async (rater: Browser): Promise<unknown> =>
      (await rater.post('/api/attempts', { subject: subjectOf(SERIES), blind: true, panelId: null })).body
    expect(await opened(a)).toMatchObject({ attempt: { blind: false } })
    expect(await opened(b)).toMatchObject({ attempt: { blind: true } })
    // Nothing of it is told while something is withheld: a case that comes again would be known by it.
    await makePanel(owner, [a, b], { reveal: 'all-committed' })
    expect([await wasShown(a), await wasShown(b)]).toEqual([false, false])
  })
})
