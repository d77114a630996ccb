import { shownValue } from '../../../core/pacs/attributes'
import type { Attributes } from '../../../core/pacs/attributes'
import {
  askedOfStudies,
  byDate,
  objectOf,
  seriesOf,
  studyOf,
  TOLD_OF_OBJECTS,
  TOLD_OF_SERIES,
  TOLD_OF_STUDIES,
} from '../../../core/pacs/matches'
import type { Asked } from '../../../core/pacs/matches'
import type { Keyword } from '../../../core/dicom/elements'
import { MOST_OBJECTS, MOST_SERIES, MOST_STUDIES } from '../archive'
import type { Archive } from '../archive'
import { answersOf, expectAnswer } from './answers'
import { associate } from './associate'
import type { DimseGround } from './associate'
import type { DimseResponse } from './load-dimse'
import { getSeries } from './get-series'
import { storeObject } from './store-object'

/** An archive by DIMSE (PS3.7): C-ECHO, C-FIND, C-GET and C-STORE, an association for each question. */
export function dimseArchive(ground: DimseGround): Archive {
  const find = (
    level: Level,
    asked: Asked,
    told: readonly Keyword[],
    limit: number,
  ): Promise<readonly Attributes[]> =>
    found(ground, level, { ...Object.fromEntries(told.map((keyword) => [keyword, ''])), ...asked }, limit)
  return {
    echo: async () => {
      const request = new ground.dimse.requests.CEchoRequest()
      const answers = answersOf(request)
      await associate(ground, { requests: [request] })
      expectAnswer(ground, answers, 'C-ECHO')
    },
    findStudies: async (query) => {
      const listed = await find('STUDY', askedOfStudies(query), TOLD_OF_STUDIES, MOST_STUDIES + 1)
      const studies = listed.flatMap((of) => studyOf(of) ?? [])
      return { studies: byDate(studies.slice(0, MOST_STUDIES)), complete: studies.length <= MOST_STUDIES }
    },
    findStudy: async (studyUid) => {
      const listed = await find('STUDY', { StudyInstanceUID: studyUid }, TOLD_OF_STUDIES, 2)
      return listed.flatMap((of) => studyOf(of) ?? []).find((study) => study.studyUid === studyUid) ?? null
    },
    findSeries: async (studyUid) => {
      const listed = await find('SERIES', { StudyInstanceUID: studyUid }, TOLD_OF_SERIES, MOST_SERIES)
      return listed.flatMap((of) => seriesOf(of) ?? [])
    },
    findObjects: async (studyUid, seriesUid) => {
      const asked = { StudyInstanceUID: studyUid, SeriesInstanceUID: seriesUid }
      const listed = await find('IMAGE', asked, TOLD_OF_OBJECTS, MOST_OBJECTS)
      return listed.flatMap((of) => objectOf(of) ?? [])
    },
    fetch: (arrivals) => getSeries(ground, arrivals),
    store: (object) => storeObject(ground, object),
  }
}

type Level = 'STUDY' | 'SERIES' | 'IMAGE'

const PENDING = new Set([0xff00, 0xff01])

/** The matches of a search; at `limit` the association is ended, whatever else the archive would say. */
async function found(
  ground: DimseGround,
  level: Level,
  identifier: Asked,
  limit: number,
): Promise<readonly Attributes[]> {
  const { dimse } = ground
  const request = new dimse.requests.CFindRequest()
  const isAscii = Object.values(identifier).every((value) => /^[\x20-\x7e]*$/.test(value))
  const charset = isAscii ? {} : { SpecificCharacterSet: 'ISO_IR 192' }
  request.setDataset(new dimse.Dataset({ ...charset, QueryRetrieveLevel: level, ...identifier }))
  const matches: Attributes[] = []
  const enough = new AbortController()
  request.on('response', (response: DimseResponse) => {
    const dataset = response.getDataset()
    if (PENDING.has(response.getStatus()) && dataset !== undefined && matches.length < limit)
      matches.push(attributesOf(dataset.getElements()))
    if (matches.length === limit) enough.abort()
  })
  const answers = answersOf(request)
  await associate(ground, { requests: [request], enough: enough.signal })
  if (!enough.signal.aborted) expectAnswer(ground, answers, 'C-FIND')
  return matches
}

/** Elements by keyword, as the library gives them: one value, or several. */
const attributesOf =
  (elements: Readonly<Record<string, unknown>>): Attributes =>
  (keyword) => {
    const value = elements[keyword]
    if (value === undefined || value === null) return []
    return Array.isArray(value) ? value.map(shownValue) : [shownValue(value)]
  }
