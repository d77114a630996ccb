/**
 * The LIDC reading file (LidcReadMessage.xsd 1.8): up to four, seldom more, unblinded reading sessions of one CT series.
 *
 *   readingSession
 *     unblindedReadNodule   noduleID, characteristics, roi { imageZposition, imageSOP_UID, inclusion, edgeMap { xCoord, yCoord } }
 *     nonNodule             a mark on something of 3 mm or more that is no nodule
 *
 * A nodule of 3 mm or more is outlined; a smaller one is one point.
 */
import { accept, refuse, type Result } from '../../contract'
import { childOf, childrenOf, parseXml, textOf, type XmlElement } from './xml'

/** An edge point: 0-based column and row of the first pixel outside (inside, for an exclusion). */
export interface EdgePoint {
  readonly column: number
  readonly row: number
}

export interface EdgeMap {
  readonly sopInstanceUid: string
  readonly zMm: number | null
  /** False: a hole, cut out together with its edge points. */
  readonly inclusion: boolean
  readonly points: readonly EdgePoint[]
}

export interface OutlinedNodule {
  readonly noduleId: string
  /** Ratings of 1 to 6, for example subtlety, margin, malignancy; null where the reader gave none. */
  readonly characteristics: Readonly<Record<string, number>> | null
  readonly edgeMaps: readonly EdgeMap[]
}

export interface ReadingSession {
  readonly radiologist: string
  /** At least one inclusion of three or more points. */
  readonly nodules: readonly OutlinedNodule[]
  /** Nodules below 3 mm: marked, not outlined. */
  readonly smallMarkCount: number
  /** Where they were marked, of those that say it. */
  readonly smallMarks: readonly EdgeMap[]
  readonly nonNoduleCount: number
}

export interface LidcFile {
  readonly seriesUid: string
  readonly studyUid: string
  readonly sessions: readonly ReadingSession[]
  /** Why outlines (roi elements) of a file that was read were left out, one each; absent where none was. */
  readonly damaged?: readonly string[]
}

/** Larger than any CT matrix; keeps a hostile file from asking for a huge mask. */
const MAX_COORDINATE = 4096
const MIN_OUTLINE_POINTS = 3

class LidcDamage extends Error {}

function coordinate(point: XmlElement, name: string): number {
  const text = textOf(point, name)
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < -1 || value > MAX_COORDINATE) {
    throw new LidcDamage(`an edge point has ${name} "${text.slice(0, 40)}"`)
  }
  return value
}

function edgeMapOf(roi: XmlElement): EdgeMap {
  const inclusion = textOf(roi, 'inclusion').toUpperCase()
  if (inclusion !== 'TRUE' && inclusion !== 'FALSE') {
    throw new LidcDamage(`an roi says inclusion "${inclusion.slice(0, 40)}", neither TRUE nor FALSE`)
  }
  const zText = textOf(roi, 'imageZposition')
  const zMm = zText === '' ? null : Number(zText)
  if (zMm !== null && !Number.isFinite(zMm)) {
    throw new LidcDamage(`an roi has the z position "${zText.slice(0, 40)}"`)
  }
  return {
    sopInstanceUid: textOf(roi, 'imageSOP_UID'),
    zMm,
    inclusion: inclusion === 'TRUE',
    points: childrenOf(roi, 'edgeMap').map((point) => ({
      column: coordinate(point, 'xCoord'),
      row: coordinate(point, 'yCoord'),
    })),
  }
}

function characteristicsOf(nodule: XmlElement): OutlinedNodule['characteristics'] {
  const ratings = (childOf(nodule, 'characteristics')?.children ?? [])
    .map((rating): [string, number] => [rating.name, Number(rating.text)])
    .filter(([, value]) => Number.isInteger(value) && value > 0)
  return ratings.length === 0 ? null : Object.fromEntries(ratings)
}

/** A reader may list one id in several elements: they are one nodule (187-191.xml of the collection). */
function joinSameIds(nodules: readonly OutlinedNodule[]): readonly OutlinedNodule[] {
  const byId = new Map<string, OutlinedNodule>()
  for (const nodule of nodules) {
    const seen = byId.get(nodule.noduleId)
    byId.set(nodule.noduleId, {
      noduleId: nodule.noduleId,
      characteristics: seen?.characteristics ?? nodule.characteristics,
      edgeMaps: [...(seen?.edgeMaps ?? []), ...nodule.edgeMaps],
    })
  }
  return [...byId.values()]
}

const isOutlined = (nodule: OutlinedNodule): boolean =>
  nodule.edgeMaps.some((map) => map.inclusion && map.points.length >= MIN_OUTLINE_POINTS)

function sessionOf(session: XmlElement, damaged: string[]): ReadingSession {
  const nodules = childrenOf(session, 'unblindedReadNodule').map((nodule) => ({
    noduleId: textOf(nodule, 'noduleID'),
    characteristics: characteristicsOf(nodule),
    edgeMaps: childrenOf(nodule, 'roi').flatMap((roi) => {
      try {
        return [edgeMapOf(roi)]
      } catch (error) {
        if (!(error instanceof LidcDamage)) throw error
        damaged.push(error.message)
        return []
      }
    }),
  }))
  const outlined = nodules.filter(isOutlined)
  return {
    radiologist: textOf(session, 'servicingRadiologistID'),
    nodules: joinSameIds(outlined),
    smallMarkCount: nodules.length - outlined.length,
    smallMarks: nodules
      .filter((nodule) => !isOutlined(nodule))
      .flatMap(({ edgeMaps }) => edgeMaps.slice(0, 1)),
    nonNoduleCount: childrenOf(session, 'nonNodule').length,
  }
}

/**
 * Reads an LIDC reading file. Refused: a chest X-ray reading (IdriReadMessage) and every other root element as
 * `annotation-unsupported`; XML that is not well formed, or not one outline whose points are numbers, as
 * `annotation-damaged`. A damaged outline beside others is left out and named in `damaged`.
 */
export function parseLidcFile(bytes: Uint8Array): Result<LidcFile> {
  const parsed = parseXml(bytes)
  if (!parsed.ok) return parsed
  const root = parsed.value
  if (root.name === 'IdriReadMessage') {
    return refuse(
      'annotation-unsupported',
      'The file holds the reading of a chest X-ray, not of a CT series.',
      {
        next: 'Choose the reading file of the CT series; its root element is LidcReadMessage.',
      },
    )
  }
  if (root.name !== 'LidcReadMessage') {
    return refuse(
      'annotation-unsupported',
      `The root element is <${root.name.slice(0, 60)}>, not <LidcReadMessage>.`,
      {
        next: 'Choose a reading file of LIDC-IDRI.',
      },
    )
  }
  const header = childOf(root, 'ResponseHeader')
  const damaged: string[] = []
  const sessions = childrenOf(root, 'readingSession').map((session) => sessionOf(session, damaged))
  const [first] = damaged
  if (first !== undefined && sessions.every(({ nodules }) => nodules.length === 0)) {
    return refuse('annotation-damaged', `The reading file cannot be used: ${first}.`, {
      next: 'Get the file anew from its source.',
    })
  }
  return accept({
    seriesUid: header === null ? '' : textOf(header, 'SeriesInstanceUid'),
    studyUid: header === null ? '' : textOf(header, 'StudyInstanceUID'),
    sessions,
    ...(damaged.length === 0 ? {} : { damaged }),
  })
}
