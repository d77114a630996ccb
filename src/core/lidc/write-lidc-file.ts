/** Readings to a file as the LIDC reading service writes them, for the built-in case and for round trips. */
import type { EdgeMap, LidcFile, OutlinedNodule, ReadingSession } from './lidc-file'

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const element = (name: string, text: string | number): string =>
  `<${name}>${escapeText(String(text))}</${name}>`

function roi(map: EdgeMap): readonly string[] {
  return [
    '<roi>',
    ...(map.zMm === null ? [] : [element('imageZposition', map.zMm.toFixed(6))]),
    element('imageSOP_UID', map.sopInstanceUid),
    element('inclusion', map.inclusion ? 'TRUE' : 'FALSE'),
    ...map.points.map(
      (point) => `<edgeMap>${element('xCoord', point.column)}${element('yCoord', point.row)}</edgeMap>`,
    ),
    '</roi>',
  ]
}

function nodule(outlined: OutlinedNodule): readonly string[] {
  const ratings = Object.entries(outlined.characteristics ?? {}).map(([name, value]) => element(name, value))
  return [
    '<unblindedReadNodule>',
    element('noduleID', outlined.noduleId),
    ...(ratings.length === 0 ? [] : ['<characteristics>', ...ratings, '</characteristics>']),
    ...outlined.edgeMaps.flatMap(roi),
    '</unblindedReadNodule>',
  ]
}

const session = (reading: ReadingSession): readonly string[] => [
  '<readingSession>',
  element('annotationVersion', '3.12'),
  element('servicingRadiologistID', reading.radiologist),
  ...reading.nodules.flatMap(nodule),
  '</readingSession>',
]

/** The XML text of a reading file. Outlined nodules only: counts of small marks and non-nodules are not written. `task`: how it was read, in words. */
export function writeLidcFile(file: LidcFile, task = 'Second unblinded read'): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<LidcReadMessage xmlns="http://www.nih.gov">',
    '<ResponseHeader>',
    element('Version', '1.8.1'),
    element('TaskDescription', task),
    element('SeriesInstanceUid', file.seriesUid),
    element('ResponseDescription', '1 - Reading complete'),
    element('StudyInstanceUID', file.studyUid),
    '</ResponseHeader>',
    ...file.sessions.flatMap(session),
    '</LidcReadMessage>',
    '',
  ].join('\n')
}
