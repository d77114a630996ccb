import { accept } from '../../../contract'
import type { PanelCell, PanelProgress, PanelReader, Rater, Result, Subject } from '../../../contract'
import type { StoredAttempt, StoredCase, StoredPanel, StoredRater } from '../../workspace/store'
import type { AttemptParts } from '../attempts'
import { givingWay } from '../in-slices'
import { ownPanel } from './panel-changes'

/**
 * How far each reader has come with each case, to the owner. Cases that the owner still reads blind are left out of it
 * whole, also of the sums: who has read them is withheld like what was read.
 */
export async function panelProgress(
  parts: AttemptParts,
  rater: Rater,
  panelId: string,
): Promise<Result<PanelProgress>> {
  const { store, subjects } = parts
  const found = await ownPanel(store, rater, panelId, 'The progress of a panel')
  if (!found.ok) return found
  const panel = found.value
  const raters = await store.raters()
  if (!raters.ok) return raters
  const shown = await shownPlaces(parts, rater, panel)
  if (!shown.ok) return shown
  const { places, leftOut } = shown.value
  await subjects.locate(places.map(({ subject }) => subject))
  const committed = placesOf(shown.value.attempts.filter(({ state }) => state !== 'draft'))
  const begun = placesOf(shown.value.attempts)
  const cells = await cellsOf(places, committed, begun)
  const keys = [...new Set(places.map(({ subject }) => subject))].toSorted()
  const subjectsOf = new Map<string, Subject | null>()
  for (const key of keys) subjectsOf.set(key, await subjects.subjectOf(key))
  return accept({
    panelId,
    leftOut,
    readers: panel.raterIds.map((raterId) =>
      readerOf(raterId, raters.value, places, committed, shown.value.attempts),
    ),
    cases: keys.map((key) => ({
      subject: subjectsOf.get(key) ?? null,
      cells: panel.raterIds.map(
        (raterId) =>
          cells.get(JSON.stringify([key, raterId])) ?? { state: 'not-begun', places: 0, committed: 0 },
      ),
    })),
  })
}

interface ShownPlaces {
  readonly places: readonly StoredCase[]
  readonly attempts: readonly StoredAttempt[]
  /** Images of the panel that are withheld from who asks. */
  readonly leftOut: number
}

async function shownPlaces(
  { store, disclosure }: AttemptParts,
  rater: Rater,
  { panelId }: StoredPanel,
): Promise<Result<ShownPlaces>> {
  const places = await store.casesOfPanel(panelId)
  if (!places.ok) return places
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const withheldOf = await disclosure.withheldOfAll(rater)
  if (!withheldOf.ok) return withheldOf
  const withheld = new Set<string>()
  const giveWay = givingWay()
  for (const subject of new Set(places.value.map((one) => one.subject))) {
    await giveWay()
    if (withheldOf.value(subject) !== null) withheld.add(subject)
  }
  return accept({
    places: places.value.filter(({ subject }) => !withheld.has(subject)),
    attempts: attempts.value.filter(({ subject }) => !withheld.has(subject)),
    leftOut: withheld.size,
  })
}

const placeKey = (raterId: string, position: number | null): string => JSON.stringify([raterId, position])
const placesOf = (attempts: readonly StoredAttempt[]): ReadonlySet<string> =>
  new Set(attempts.map(({ raterId, casePosition }) => placeKey(raterId, casePosition)))

/** By image and rater; an image that comes twice is committed when both its places are. */
async function cellsOf(
  places: readonly StoredCase[],
  committed: ReadonlySet<string>,
  begun: ReadonlySet<string>,
): Promise<ReadonlyMap<string, PanelCell>> {
  const giveWay = givingWay()
  const cells = new Map<string, PanelCell>()
  for (const { subject, raterId, position } of places) {
    await giveWay()
    const key = JSON.stringify([subject, raterId])
    const known = cells.get(key) ?? { state: 'not-begun', places: 0, committed: 0 }
    const done = known.committed + (committed.has(placeKey(raterId, position)) ? 1 : 0)
    const all = known.places + 1
    const isBegun = known.state !== 'not-begun' || begun.has(placeKey(raterId, position))
    cells.set(key, {
      state: done === all ? 'committed' : isBegun ? 'in-progress' : 'not-begun',
      ...{ places: all, committed: done },
    })
  }
  return cells
}

function readerOf(
  raterId: string,
  raters: readonly StoredRater[],
  places: readonly StoredCase[],
  committed: ReadonlySet<string>,
  attempts: readonly StoredAttempt[],
): PanelReader {
  const rater = raters.find((one) => one.raterId === raterId)
  const own = places.filter((one) => one.raterId === raterId)
  const times = attempts.flatMap((one) => (one.raterId === raterId ? (one.committedAt ?? []) : []))
  return {
    raterId,
    name: rater?.name ?? '',
    pseudonym: rater?.pseudonym ?? '',
    retired: rater?.retired ?? false,
    places: own.length,
    committed: own.filter(({ position }) => committed.has(placeKey(raterId, position))).length,
    lastCommittedAt: times.toSorted().at(-1) ?? null,
  }
}
