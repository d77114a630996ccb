import type { Result, WebArchiveSettings } from '../../../contract'
import { accept } from '../../../contract'
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
import { MOST_OBJECTS, MOST_SERIES, MOST_STUDIES } from '../archive'
import type { Archive } from '../archive'
import { connectionRefusal, PacsFailure } from '../pacs-failure'
import type { Keys } from '../read-settings'
import { expectSuccess, textOf, webExchange } from './web-exchange'
import type { WebExchange } from './web-exchange'

const tagOf = (keyword: Keyword): string => ELEMENTS[keyword][0].toString(16).toUpperCase().padStart(8, '0')

/** The query of QIDO-RS (PS3.18 10.6.1.2): what is asked, what is to be told, how many at most. */
function queryOf(
  asked: Partial<Readonly<Record<string, string>>>,
  told: readonly Keyword[],
  limit: number,
): string {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const [keyword, value] of Object.entries(asked)) if (value !== undefined) query.append(keyword, value)
  for (const keyword of told) query.append('includefield', tagOf(keyword))
  return query.toString()
}

/** An archive by DICOMweb (PS3.18). */
export function webArchive(settings: WebArchiveSettings, keys: Keys, signal: AbortSignal): Archive {
  const { name } = settings
  const exchange = webExchange(settings, keys, signal)
  const told = async <T>(work: () => Promise<T>): Promise<Result<T>> => {
    try {
      return accept(await work())
    } catch (error) {
      return { ok: false, refusal: connectionRefusal(name, error) }
    }
  }
  const list = (path: string): Promise<readonly Attributes[]> => listed(name, exchange, path)
  return {
    echo: () =>
      told(async () => {
        await list(`/studies?${queryOf({}, [], 1)}`)
        return null
      }),
    findStudies: (query) =>
      told(async () => {
        const asked = queryOf(askedOfStudies(query), TOLD_OF_STUDIES, MOST_STUDIES + 1)
        const found = (await list(`/studies?${asked}`)).flatMap((of) => studyOf(of) ?? [])
        return { studies: byDate(found.slice(0, MOST_STUDIES)), complete: found.length <= MOST_STUDIES }
      }),
    findSeries: (studyUid) =>
      told(async () => {
        const asked = queryOf({}, TOLD_OF_SERIES, MOST_SERIES)
        return (await list(`/studies/${studyUid}/series?${asked}`)).flatMap((of) => seriesOf(of) ?? [])
      }),
    findObjects: (studyUid, seriesUid) =>
      told(async () => {
        const asked = queryOf({}, [], MOST_OBJECTS)
        const found = await list(`/studies/${studyUid}/series/${seriesUid}/instances?${asked}`)
        return found.flatMap((of) => objectOf(of) ?? [])
      }),
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
