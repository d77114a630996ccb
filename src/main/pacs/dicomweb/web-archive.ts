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

/** The query of QIDO-RS (PS3.18 10.6.1.2): what is asked, what is to be told, how many at most. */
function queryOf(asked: Asked, told: readonly Keyword[], limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const [keyword, value] of Object.entries(asked)) query.append(keyword, value)
  for (const keyword of told) query.append('includefield', tagOf(keyword))
  return query.toString()
}

/** An archive by DICOMweb (PS3.18). `signal` ends what is under way. */
export function webArchive(settings: WebArchiveSettings, keys: Keys, signal: AbortSignal): Archive {
  const { name } = settings
  const exchange = webExchange(settings, keys, signal)
  const list = (
    path: string,
    asked: Asked,
    told: readonly Keyword[],
    limit: number,
  ): Promise<readonly Attributes[]> => listed(name, exchange, `${path}?${queryOf(asked, told, limit)}`)
  return {
    echo: async () => {
      await list('/studies', {}, [], 1)
    },
    findStudies: async (query) => {
      const found = await list('/studies', askedOfStudies(query), TOLD_OF_STUDIES, MOST_STUDIES + 1)
      const studies = found.flatMap((of) => studyOf(of) ?? [])
      return { studies: byDate(studies.slice(0, MOST_STUDIES)), complete: studies.length <= MOST_STUDIES }
    },
    findStudy: async (studyUid) => {
      const found = await list('/studies', { StudyInstanceUID: studyUid }, TOLD_OF_STUDIES, 2)
      return found.flatMap((of) => studyOf(of) ?? []).find((study) => study.studyUid === studyUid) ?? null
    },
    findSeries: async (studyUid) => {
      const found = await list(`/studies/${studyUid}/series`, {}, TOLD_OF_SERIES, MOST_SERIES)
      return found.flatMap((of) => seriesOf(of) ?? [])
    },
    findObjects: async (studyUid, seriesUid) => {
      const path = `/studies/${studyUid}/series/${seriesUid}/instances`
      return (await list(path, {}, [], MOST_OBJECTS)).flatMap((of) => objectOf(of) ?? [])
    },
    fetch: (arrivals) => retrieveWeb(name, exchange, arrivals),
    store: (object) => storeWeb(name, exchange, object),
  }
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
