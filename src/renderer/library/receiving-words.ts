import type { Delivery, ReceiverStatus, SeriesSummary, TurnedAway } from '../../contract'
import { uidInFiles } from '../../core/dicom/made-up-uid'
import { datedSeries, subjectOfSeries } from '../../core/words/case-words'
import { formatCount, formatPlural } from '../../core/words/numbers'

/** What came, in one line. */
export const deliveryWords = (delivery: Delivery): string =>
  `${countedDelivery(delivery)}${delivery.brokeOff ? '; the sender broke off, there may be more' : ''}`

function countedDelivery({ from, objects, seriesUids, hereBefore }: Delivery): string {
  const came = `${formatPlural(objects, 'image')} of ${formatPlural(seriesUids.length, 'series', 'series')}`
  if (hereBefore === 0) return `Received from ${from}: ${came}`
  return objects === 0
    ? `${from} sent ${formatPlural(hereBefore, 'image')} that were here already`
    : `Received from ${from}: ${came}; ${formatPlural(hereBefore, 'image')} were here already`
}

/** The series of a delivery among those that are listed: of its study, whatever else has their UIDs. */
export const seriesOfDelivery = (
  { studyUid, seriesUids }: Delivery,
  listed: readonly SeriesSummary[],
): readonly SeriesSummary[] =>
  listed.filter((one) => one.studyUid === studyUid && seriesUids.includes(uidInFiles(one.seriesUid) ?? ''))

/** What a button calls a series that came: its patient too, as its card does. */
export const openWords = (series: SeriesSummary): string =>
  `Open: ${subjectOfSeries(series)}, ${datedSeries(series)}`

/** Whether anything listens, and where. */
export function receivingWords({ state, settings }: ReceiverStatus): string {
  if (state === 'off') return 'Off: nothing listens, nobody can send images here.'
  if (settings === null || state === 'failed') return 'Nothing is received.'
  if (state === 'starting') return 'Starting to listen.'
  const link = settings.encrypted ? 'encrypted' : 'not encrypted'
  return `Listens as ${settings.aeTitle} at ${settings.host}, port ${settings.port}, ${link}.`
}

/** Who may send. */
export const senderWords = ({ settings }: ReceiverStatus): string => {
  if (settings === null) return ''
  if (settings.from.length === 0) return 'Every program on this computer may send.'
  return `May send: ${settings.from.map(({ aeTitle, address }) => `${aeTitle} at ${address}`).join(', ')}.`
}

/** What was received before the program started, as far as it is open; empty: nothing is to be said. */
export function earlierWords({ earlier }: ReceiverStatus): string {
  const { isOpening, objectsRead, objectsTotal, studiesLeft } = earlier
  if (isOpening)
    return `Opening what was received before: ${formatCount(objectsRead)} of ${formatPlural(objectsTotal, 'image')}.`
  if (studiesLeft === 0) return ''
  const [they, are] = studiesLeft === 1 ? ['It', 'is'] : ['They', 'are']
  return `${formatPlural(studiesLeft, 'older study', 'older studies')} received before ${are} not open. ${they} can be opened from Recent, or from the folder archives/received.`
}

export const turnedAwayWords = ({ from, address, why, times }: TurnedAway): string =>
  `${from || 'Somebody'} at ${address}: ${why}${times > 1 ? `, ${times} times` : ''}`
