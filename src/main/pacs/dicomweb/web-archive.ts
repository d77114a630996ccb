import type { WebArchiveSettings } from '../../../contract'
import { ELEMENTS } from '../../../core/dicom/elements'
import type { Keyword } from '../../../core/dicom/elements'
import { attributesOfJson } from '../../../core/pacs/attributes'
import type { Attributes } from '../../../core/pacs/attributes'
import {
  askedOfStudies,
  byDate,
  objectOf,
  seriesOf,
  studyOf,
  TOLD_OF_SERIES,
  TOLD_OF_STUDIES,
} from '../../../core/pacs/matches'
import type { Asked } from '../../../core/pacs/matches'
import { MOST_OBJECTS, MOST_SERIES, MOST_STUDIES } from '../archive'
import type { Archive } from '../archive'
import { PacsFailure } from '../pacs-failure'
import type { Keys } from '../read-settings'
import { retrieveWeb } from './retrieve'
import { storeWeb } from './store'
import { expectSuccess, textOf, webExchange } from './web-exchange'
import type { WebExchange } from './web-exchange'

const tagOf = (keyword: Keyword): string => ELEMENTS[keyword][0].toString(16).toUpperCase().padStart(8, '0')

/** The query of QIDO-RS (PS3.18 8.3.4): what is asked, what is to be told, how many at most, behind how many. */
function queryOf(asked: Asked, told: readonly Keyword[], limit: number, offset: number): string {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(offset === 0 ? {} : { offset: String(offset) }),
  })
  for (const [keyword, value] of Object.entries(asked)) query.append(keyword, value)
  for (const keyword of told) query.append('includefield', tagOf(keyword))
  return query.toString()
}

/** An archive by DICOMweb (PS3.18). `signal` ends what is under way. */
export function webArchive(settings: WebArchiveSettings, keys: Keys, signal: AbortSignal): Archive {
  const { name } = settings
  const exchange = webExchange(settings, keys, signal)
  const list: List = (path, asked, told, limit, offset = 0) =>
    listed(name, exchange, `${path}?${queryOf(asked, told, limit, offset)}`)
  return {
    echo: async () => {
      await list('/studies', {}, [], 1)
    },
    findStudies: async (query) => {
      const asked = askedOfStudies(query)
      const found = await listAll(list, '/studies', asked, TOLD_OF_STUDIES, MOST_STUDIES + 1)
      const studies = found.flatMap((of) => studyOf(of) ?? [])
      return { studies: byDate(studies.slice(0, MOST_STUDIES)), complete: studies.length <= MOST_STUDIES }
    },
    findStudy: async (studyUid) => {
      const found = await list('/studies', { StudyInstanceUID: studyUid }, TOLD_OF_STUDIES, 2)
      return found.flatMap((of) => studyOf(of) ?? []).find((study) => study.studyUid === studyUid) ?? null
    },
    findSeries: async (studyUid) => {
      const found = await listAll(list, `/studies/${studyUid}/series`, {}, TOLD_OF_SERIES, MOST_SERIES)
      return found.flatMap((of) => seriesOf(of) ?? [])
    },
    findObjects: async (studyUid, seriesUid) => {
      const path = `/studies/${studyUid}/series/${seriesUid}/instances`
      return (await listAll(list, path, {}, [], MOST_OBJECTS)).flatMap((of) => objectOf(of) ?? [])
    },
    fetch: (arrivals) => retrieveWeb(name, exchange, arrivals),
    store: (object) => storeWeb(name, exchange, object),
  }
}

type List = (
  path: string,
  asked: Asked,
  told: readonly Keyword[],
  limit: number,
  offset?: number,
) => Promise<readonly Attributes[]>

/** What names a match, whatever is listed. */
const nameOf = (of: Attributes): string =>
  (['SOPInstanceUID', 'SeriesInstanceUID', 'StudyInstanceUID'] as const).map((uid) => of(uid)[0] ?? '').join()

/**
 * All matches up to `limit`. An archive may give fewer at once than it is asked for, and says so in no way that all
 * follow: it is asked for the next ones until there are none, or it gives nothing new (one that knows no offset).
 */
async function listAll(
  list: List,
  path: string,
  asked: Asked,
  told: readonly Keyword[],
  limit: number,
): Promise<readonly Attributes[]> {
  const found = new Map<string, Attributes>()
  for (let offset = 0; found.size < limit;) {
    const before = found.size
    const page = await list(path, asked, told, limit - offset, offset)
    for (const of of page) found.set(nameOf(of), of)
    offset += page.length
    if (found.size === before || offset >= limit) break
  }
  return [...found.values()].slice(0, limit)
}

/** The matches of a search; nothing found may be said by 204 and no body. */
async function listed(name: string, exchange: WebExchange, path: string): Promise<readonly Attributes[]> {
  const answer = await exchange({ method: 'GET', path, accept: 'application/dicom+json' })
  expectSuccess(name, answer)
  const text = await textOf(name, answer)
  if (text.trim() === '') return []
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  if (!Array.isArray(value))
    throw new PacsFailure(
      'pacs-damaged',
      `${name} answers a search with something else than a list in JSON.`,
      'Check that its address is the one of DICOMweb (such as https://…/dicom-web).',
    )
  return value.map(attributesOfJson)
}
