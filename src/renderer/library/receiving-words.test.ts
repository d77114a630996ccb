import { expect, test } from 'vitest'
import type { Delivery, ReceiverStatus, SeriesSummary } from '../../contract'
import { sharedUid } from '../../core/dicom/made-up-uid'
import {
  deliveryWords,
  openWords,
  seriesOfDelivery,
  receivingWords,
  senderWords,
  turnedAwayWords,
} from './receiving-words'

const delivery: Delivery = {
  ...{ number: 1, from: 'HOSPITAL', objects: 133, hereBefore: 0 },
  ...{ studyUid: '1', seriesUids: ['1.2'] },
  ...{ at: '2020-01-01T00:00:00.000Z', isOpen: true, brokeOff: false, refusal: null },
}
const plain = (words: string): string => words.replaceAll('\u00a0', ' ')

test.each([
  [{}, 'Received from HOSPITAL: 133 images of 1 series'],
  [{ objects: 1, seriesUids: ['1.2', '1.3'] }, 'Received from HOSPITAL: 1 image of 2 series'],
  [{ hereBefore: 3 }, 'Received from HOSPITAL: 133 images of 1 series; 3 images were here already'],
  [
    { brokeOff: true },
    'Received from HOSPITAL: 133 images of 1 series; the sender broke off, there may be more',
  ],
  [{ objects: 0, hereBefore: 133 }, 'HOSPITAL sent 133 images that were here already'],
])('what came is counted: %o', (changed, words) => {
  expect(plain(deliveryWords({ ...delivery, ...changed }))).toBe(words)
})

test('it is never left open whether something listens, nor whether others can read along', () => {
  const off: ReceiverStatus = {
    ...{ state: 'off', settings: null, refusal: null, sending: 0, deliveries: [], turnedAway: [] },
    earlier: { isOpening: false, objectsRead: 0, objectsTotal: 0, studiesLeft: 0 },
  }
  const settings = { aeTitle: 'MARGIN', host: '10.0.0.40', port: 11_112, encrypted: false, from: [] }
  expect(receivingWords(off)).toContain('Off')
  expect(receivingWords({ ...off, state: 'failed', settings })).toBe('Nothing is received.')
  const on: ReceiverStatus = { ...off, state: 'listening', settings }
  expect(receivingWords(on)).toBe('Listens as MARGIN at 10.0.0.40, port 11112, not encrypted.')
  expect(senderWords(on)).toBe('Every program on this computer may send.')
  const from = [{ aeTitle: 'PACS', address: '10.0.0.12' }]
  expect(senderWords({ ...on, settings: { ...settings, from } })).toBe('May send: PACS at 10.0.0.12.')
})

test('who gave no AE title is somebody, and the same is said once', () => {
  const told = { at: delivery.at, from: '', address: '10.0.0.9', why: 'it sent nothing', times: 3 }
  expect(turnedAwayWords(told)).toBe('Somebody at 10.0.0.9: it sent nothing, 3 times')
})

test('what a delivery opens is of its study and names the patient, whichever other study has its series UIDs', () => {
  const of = (patientId: string, studyUid: string, seriesUid: string): SeriesSummary =>
    ({ patientId, studyUid, seriesUid, description: 'Chest', modality: 'CT', studyDate: '' }) as SeriesSummary
  const other = of('PAT-EVE', '9', '1.2')
  const own = of('PAT-CARLA', '1', '1.2')
  expect(seriesOfDelivery(delivery, [other])).toEqual([])
  expect(seriesOfDelivery(delivery, [other, own])).toEqual([own])
  const [a, b] = [other, own].map((one) => ({ ...one, seriesUid: sharedUid('1.2', one.studyUid) }))
  expect(
    seriesOfDelivery(
      delivery,
      [a, b].flatMap((one) => one ?? []),
    ),
  ).toEqual([b])
  expect(openWords(own)).toContain('PAT-CARLA')
})
