// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import fc from 'fast-check'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, ref } from 'vue'
import type { NewPlaceEntry, PlaceEntry, ReadingSet, SeriesDetail, Structure, Subject } from '../../contract'
import { kindOf } from '../../core/subject/subject-kinds'
import { usePictures } from '../picture/pictures'
import type { SubjectPicture } from '../picture/use-picture'
import { useReadings } from '../readings/readings'
import { useProgram } from '../wire/program'
import { type Places, usePlaces } from './use-places'

const SERIES: Subject = { kind: 'series', seriesUid: '1.2.3' }
const IMAGE: Subject = { kind: 'image', imageId: 'eye' }

const structure = (structureId: string, column: number, first: number, last: number): Structure => ({
  structureId,
  label: `Nodule ${structureId}`,
  firstSlice: first,
  lastSlice: last,
  centre: { column, row: 60, sliceIndex: first },
  readings: [
    {
      readingId: `${structureId}-A`,
      letter: 'A',
      label: 'Reader A',
      voxels: 100,
      empty: false,
      slices: Array.from({ length: last - first + 1 }, (_, at) => ({
        sliceIndex: first + at,
        mask: { originColumn: column - 5, originRow: 55, widthPx: 10, heightPx: 10, bits: '' },
      })),
    },
  ],
})
const setOf = (subject: Subject, structures: readonly Structure[]): ReadingSet => ({
  seriesUid: subject.kind === 'series' ? subject.seriesUid : null,
  imageId: subject.kind === 'image' ? subject.imageId : null,
  source: 'a.xml',
  structures: [...structures],
  warnings: [],
})

/** A reading view without its picture: places, and what they ask for. */
function placesOf(subject: Subject, sliceIndex = 40) {
  const wanted = ref(sliceIndex)
  /** The slice on the screen; null: the one that is wanted. */
  const onScreen = ref<number | null>(null)
  const went: number[] = []
  const drew: string[] = []
  const zoomed: number[] = []
  let locked = false
  const shown = {
    kind: kindOf(subject),
    picture: computed(() => ({})),
    refusal: ref(null),
    detail: ref({}),
    wanted,
    index: computed(() => onScreen.value ?? wanted.value),
    modality: computed(() => kindOf(subject).modality),
    goTo: (to: number) => {
      went.push(to)
      wanted.value = to
    },
  } as unknown as SubjectPicture
  const held: { places?: Places } = {}
  mount({
    setup() {
      held.places = usePlaces(subject, shown, () => ({
        draw: () => drew.push(JSON.stringify(held.places?.runTarget.value)),
        zoomTo: ({ column }) => zoomed.push(column),
        isLocked: () => locked,
      }))
      return () => null
    },
  })
  if (held.places === undefined) throw new Error('not mounted')
  return { places: held.places, wanted, onScreen, went, drew, zoomed, lock: () => (locked = true) }
}

/** What the workspace keeps: it outlives pages. */
let kept: (PlaceEntry & { readonly of: string })[] = []
/** What the program answers to all but places. */
let answer: unknown = {}

function program(path: string, init?: RequestInit): unknown {
  if (!path.includes('places')) return answer
  if (typeof init?.body !== 'string')
    return {
      entries: kept
        .filter(({ of }) => path.endsWith(`seriesUid=${of}`))
        .map(({ of: _of, ...entry }, at) => ({ ...entry, number: at + 1 })),
    }
  const { subject, ...entry } = JSON.parse(init.body) as NewPlaceEntry
  const of = subject.kind === 'series' ? subject.seriesUid : ''
  const number = kept.filter((one) => one.of === of).length + 1
  const laid = { ...entry, number, at: new Date(7).toISOString() }
  kept.push({ ...laid, of })
  return laid
}

async function bringIn(subject: Subject, structures: readonly Structure[]): Promise<void> {
  answer = setOf(subject, structures)
  usePictures().details.set('1.2.3', { slices: [] } as unknown as SeriesDetail)
  await useReadings().bringIn(subject)
  await flushPromises()
}

beforeEach(() => {
  kept = []
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) =>
    Promise.resolve(
      new Response(JSON.stringify(program(path, init)), { headers: { 'content-type': 'application/json' } }),
    ),
  )
  window.sessionStorage.clear()
  setActivePinia(createPinia())
  useProgram().models = []
})

/** An item that comes back stands where it was first laid, or last. */
const sorted = (items: unknown): readonly string[] =>
  (items as readonly unknown[]).map((item) => JSON.stringify(item)).sort()

describe('places in a series', () => {
  it('a click in the image is a place of its own, and nothing moves', () => {
    const { places, went, drew, zoomed } = placesOf(SERIES)
    places.pick({ column: 20.4, row: 30 })
    expect(places.targets.value.map(({ label }) => label)).toEqual(['Place 1'])
    expect(places.label.value).toBe('Place 1')
    expect(drew).toHaveLength(1)
    expect(places.runTarget.value).toEqual({
      ...{ kind: 'series', seriesUid: '1.2.3', sliceIndex: 40 },
      ...{ column: 20.4, row: 30, structureId: null },
    })
    expect([went, zoomed]).toEqual([[], []])
  })

  it('a click on an outlined structure is that structure, with the centre of its readers', async () => {
    const { places } = placesOf(SERIES)
    await bringIn(SERIES, [structure('n', 100, 38, 42)])
    places.pick({ column: 102, row: 58 })
    expect(places.targets.value.map(({ label }) => label)).toEqual(['Nodule n'])
    expect(places.runTarget.value).toMatchObject({ column: 100, row: 60, structureId: 'n' })
  })

  it('a place clicked before joins the structure that readings bring, and its samples stay', async () => {
    const { places } = placesOf(SERIES)
    places.pick({ column: 102, row: 58 })
    places.pick({ column: 300, row: 300 })
    places.pick({ column: 106, row: 58 })
    const asked = places.runTarget.value
    await bringIn(SERIES, [structure('n', 100, 38, 42), structure('other', 200, 40, 40)])
    // The newest there stands for the structure; the other stays beside it, and is compared with its readers too.
    expect(places.targets.value.map(({ label, structureId }) => [label, structureId])).toEqual([
      ['Nodule n', 'n'],
      ['Nodule other', 'other'],
      ['Nodule n · Place 1', 'n'],
      ['Place 2', null],
    ])
    expect(places.label.value).toBe('Nodule n')
    expect(places.chosen.value?.structureId).toBe('n')
    // The run that stands there was asked for at the click, not at the centre: it is still the run of what is chosen.
    expect(places.runTarget.value).toEqual(asked)
    const again = placesOf(SERIES).places
    await flushPromises()
    expect(again.runTarget.value).toEqual(asked)
    places.pick({ column: 400, row: 300 })
    expect(places.targets.value.map(({ label }) => label).at(-1)).toBe('Place 4')
    // Nothing of the joining is kept: moved off the structure, it is a place of its own.
    const [joined] = places.targets.value
    if (joined?.placeId == null) throw new Error('joined to no place')
    places.rename(joined, 'Apex')
    places.moveTo(joined.placeId, { column: 350, row: 350 })
    expect(places.targets.value.map(({ label, structureId }) => [label, structureId])).toEqual([
      ['Nodule n', 'n'],
      ['Nodule other', 'other'],
      ['Place 2', null],
      ['Apex', null],
      ['Place 4', null],
    ])
    expect(places.runTarget.value).toMatchObject({ column: 350, row: 350, structureId: null })
  })

  it('the list goes to the slice of what it chooses only where it is not on this one', async () => {
    const { places, went, zoomed } = placesOf(SERIES)
    await bringIn(SERIES, [structure('n', 100, 38, 42), structure('far', 200, 41, 50)])
    const [near, far] = places.targets.value
    if (near === undefined || far === undefined) throw new Error('two structures')
    places.choose(near)
    expect(went).toEqual([])
    places.choose(far)
    expect(went).toEqual([41])
    places.next()
    expect(places.chosenKey.value).toBe(near.key)
    places.next()
    expect(places.chosenKey.value).toBe(far.key)
    expect(zoomed).toEqual([100, 200, 100, 200])
  })

  it('lists the readers of the chosen structure, else of the one on this slice, else of the first', async () => {
    const { places, wanted } = placesOf(SERIES, 45)
    await bringIn(SERIES, [structure('a', 100, 10, 12), structure('b', 200, 44, 46)])
    expect(places.listed.value?.structureId).toBe('b')
    wanted.value = 47
    expect(places.listed.value?.structureId).toBe('a')
    wanted.value = 43
    expect(places.listed.value?.structureId).toBe('a')
    const [first] = places.targets.value
    if (first !== undefined) places.choose(first)
    wanted.value = 45
    expect(places.listed.value?.structureId).toBe('a')
  })

  it('lie on the slice that is seen, also while another one is on its way', async () => {
    const { places, wanted, onScreen, went } = placesOf(SERIES, 45)
    onScreen.value = 40
    places.pick({ column: 20, row: 30 })
    await flushPromises()
    expect([went, wanted.value]).toEqual([[40], 40])
    expect(places.targets.value.map(({ homeSlice }) => homeSlice)).toEqual([40])
  })

  it('stay while the case is left and when the page is loaded anew, and can be removed', async () => {
    const first = placesOf(SERIES).places
    first.pick({ column: 20, row: 30 })
    first.pick({ column: 50, row: 60 })
    await flushPromises()
    const again = placesOf(SERIES).places
    await flushPromises()
    expect([again.label.value, again.targets.value.length]).toEqual(['Place 2', 2])
    setActivePinia(createPinia())
    useProgram().models = []
    const anew = placesOf(SERIES).places
    await flushPromises()
    expect([anew.label.value, anew.targets.value.length]).toEqual(['Place 2', 2])
    expect(anew.runTarget.value).toMatchObject({ column: 50, row: 60 })
    expect(placesOf({ kind: 'series', seriesUid: '9' }).places.targets.value).toEqual([])
    const [one, two] = anew.targets.value
    if (one === undefined || two === undefined) throw new Error('two places')
    anew.remove(one)
    expect([anew.label.value, anew.targets.value.length]).toEqual(['Place 2', 1])
    anew.remove(two)
    expect([anew.label.value, anew.targets.value.length]).toEqual([null, 0])
    anew.kept.undo()
    anew.kept.undo()
    expect([anew.label.value, anew.targets.value.length]).toEqual(['Place 2', 2])
  })

  it('whatever is laid, named, moved and deleted, taking all of it back leaves nothing, and each step as it was before', async () => {
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom('lay', 'name', 'move', 'remove'),
        which: fc.nat(5),
        column: fc.integer({ min: 0, max: 99 }),
      }),
      { maxLength: 12 },
    )
    let count = 100
    const standing = ({ targets }: Places): unknown =>
      targets.value.map(({ label, centre, placeId }) => ({ label, centre, placeId }))
    await fc.assert(
      fc.asyncProperty(acts, async (steps) => {
        setActivePinia(createPinia())
        useProgram().models = []
        const series: Subject = { kind: 'series', seriesUid: `1.2.${(count += 1)}` }
        const { places } = placesOf(series)
        const seen: unknown[] = []
        for (const { act, which, column } of steps) {
          const before = JSON.stringify(standing(places))
          const target = places.targets.value[which % Math.max(1, places.targets.value.length)]
          const point = { column, row: 7 }
          if (act === 'lay' || target?.placeId == null) places.pick(point)
          else if (act === 'name') places.rename(target, `Named ${column}`)
          else if (act === 'move') places.moveTo(target.placeId, point)
          else places.remove(target)
          // A name that it has already is no step.
          if (JSON.stringify(standing(places)) !== before || act === 'move') seen.push(before)
        }
        while (places.kept.unsent.value > 0) await flushPromises()
        const { places: again } = placesOf(series)
        await flushPromises()
        expect(sorted(standing(again))).toEqual(sorted(standing(places)))
        for (const before of seen.toReversed()) {
          again.kept.undo()
          expect(sorted(standing(again))).toEqual(sorted(JSON.parse(String(before))))
        }
        expect([again.targets.value, again.kept.undoWords.value]).toEqual([[], null])
      }),
      { numRuns: 40 },
    )
  })

  it('a double click is one place', async () => {
    const { places } = placesOf(SERIES)
    places.pick({ column: 20, row: 30 })
    places.pick({ column: 21, row: 31 })
    expect(places.targets.value.map(({ label }) => label)).toEqual(['Place 1'])
    places.pick({ column: 26, row: 30 })
    expect([places.label.value, places.targets.value.length]).toEqual(['Place 2', 2])
    await flushPromises()
  })

  it('draws nothing where it is locked, and waits for the models', async () => {
    const { places, drew, lock } = placesOf(SERIES)
    await bringIn(SERIES, [structure('n', 100, 38, 42)])
    useProgram().models = null
    await flushPromises()
    const [target] = places.targets.value
    if (target !== undefined) places.choose(target)
    expect(drew).toEqual([])
    useProgram().models = []
    await flushPromises()
    expect(drew).toHaveLength(1)
    lock()
    places.pick({ column: 20, row: 30 })
    expect(drew).toHaveLength(1)
    expect(places.targets.value).toHaveLength(1)
  })
})

it('a photograph is drawn whole, whatever was clicked, under the name its readers give', async () => {
  const { places, drew } = placesOf(IMAGE, 0)
  expect(places.label.value).toBe('Vessels')
  places.pick({ column: 5, row: 5 })
  expect(drew).toEqual([JSON.stringify(IMAGE)])
  await bringIn(IMAGE, [{ ...structure('v', 100, 0, 0), label: 'Arteries' }])
  expect(places.label.value).toBe('Arteries')
  expect(places.targets.value).toEqual([])
})

it('keeps a click that comes before the models, and draws it once they are there', async () => {
  useProgram().models = null
  const view = placesOf(SERIES)
  view.places.pick({ column: 200, row: 200 })
  expect([view.places.label.value, view.drew.length]).toEqual(['Place 1', 0])
  useProgram().models = []
  await flushPromises()
  expect(view.drew).toHaveLength(1)
  expect(view.drew[0]).toContain('"column":200')
  // Nothing moves for a click, then as now.
  expect([view.went, view.zoomed]).toEqual([[], []])
})
