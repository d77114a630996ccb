/** Stacks of grey pictures as series in pixels: numbered files of one folder, or the pages of one TIFF. */
import { createHash } from 'node:crypto'
import type { Warning } from '../../contract'
import type { FramePlace, Instance } from '../../core/dicom/instance'
import { madeUpUid } from '../../core/dicom/made-up-uid'
import { folderOf } from '../../core/subject/folder-of'
import { byName } from '../../core/subject/study-list'
import type { GreyPlanes } from '../pictures/grey-planes'
import type { Pictures } from '../pictures/picture-process'
import type { Picture } from './picture'
import { sourceKey } from './decode/job'
import type { Source } from './decode/job'
import type { DecodePool } from './decode/pool'
import { pictureInput } from './photographs'

/** Fewer pictures than this are pictures. */
const LEAST_PLANES = 3
/** What stands in the place of a SOP class in the instances of a stack. */
const PICTURE_PLANE = 'picture'
export const isPicturePlane = ({ sopClassUid }: Instance): boolean => sopClassUid === PICTURE_PLANE

/** Whether one could be a plane, by what is known of it already. */
const isGrey = ({ summary }: Picture): boolean =>
  /^(?:png|tiff)$/.test(summary.format) &&
  summary.channels === 1 &&
  summary.bitsPerChannel <= 16 &&
  summary.eye === null

const isPaged = ({ summary }: Picture): boolean =>
  summary.format === 'tiff' && summary.warnings.some(({ code }) => code === 'picture-pages')

/** A name without its last number: names of one stack differ in nothing else. */
function stemOf(name: string): string | null {
  const found = /^(.*?)(\d+)(\D*)$/.exec(name)
  return found === null ? null : `${found[1] ?? ''}#${found[3] ?? ''}`
}

const alike = ({ summary }: Picture): string =>
  [
    summary.width,
    summary.height,
    summary.bitsPerChannel,
    summary.format,
    stemOf(summary.name) ?? summary.name,
  ].join('|')

/**
 * The pictures that may be stacks, in their order. A folder is one where every picture in it is grey, of one size, depth
 * and format, and their names differ in one number alone and say no eye: one colour photograph in it, and all of them
 * are photographs. A grey TIFF of several pages is one by itself.
 */
function candidates(pictures: readonly Picture[]): readonly (readonly Picture[])[] {
  const folders = new Map<string, Picture[]>()
  for (const picture of pictures) {
    const folder = folderOf(sourceKey(picture.source))
    folders.set(folder, [...(folders.get(folder) ?? []), picture])
  }
  const groups: (readonly Picture[])[] = []
  for (const own of folders.values()) {
    const paged = own.filter((picture) => isGrey(picture) && isPaged(picture))
    groups.push(...paged.map((picture) => [picture]))
    const isStack = paged.length === 0 && own.length >= LEAST_PLANES && own.every(isGrey)
    if (
      isStack &&
      new Set(own.map(alike)).size === 1 &&
      own.every(({ summary }) => stemOf(summary.name) !== null)
    )
      groups.push(own.toSorted((a, b) => byName(a.summary.name, b.summary.name)))
  }
  return groups
}

/** Looks at the planes of what may be a stack, once; what it finds is kept beside each picture. */
export async function describeStacks(
  { pool, pictures }: { readonly pool: DecodePool; readonly pictures: Pictures },
  described: Map<string, Picture>,
): Promise<void> {
  for (const picture of candidates([...described.values()]).flat()) {
    if (picture.planes !== undefined) continue
    const input = await pictureInput(pool, picture.source, picture.summary.path)
    const planes = input.ok ? await pictures.describeGreyPlanes(input.value) : null
    described.set(sourceKey(picture.source), {
      ...picture,
      planes: planes?.ok === true ? planes.value : null,
    })
  }
}

interface StackPlane {
  readonly picture: Picture
  readonly planes: GreyPlanes
}

const NO_PLACE: FramePlace = {
  ...{ positionMm: null, orientation: null, spacingMm: null },
  rescale: { slope: 1, intercept: 0, unit: '' },
}
const WARNINGS: readonly Warning[] = [
  {
    code: 'picture-stack',
    text: 'A stack of pictures, in the order of their numbers: no size of a pixel, no sides of the patient, no unit.',
  },
]

function instanceOf({ picture, planes }: StackPlane, at: number, name: string, content: string): Instance {
  const { path, width, height, bitsPerChannel } = picture.summary
  const bits = bitsPerChannel > 8 ? 16 : 8
  const none = { patientId: '', bodyPart: '', studyDate: '', seriesDate: '', kernel: '', kilovoltagePeak: '' }
  return {
    path,
    sopInstanceUid: madeUpUid('instance', `${content} ${at}`),
    seriesUid: madeUpUid('series', content),
    studyUid: madeUpUid('study', content),
    ...{
      sopClassUid: PICTURE_PLANE,
      transferSyntaxUid: '',
      modality: 'Pictures',
      description: name,
      ...none,
    },
    ...{ seriesNumber: null, instanceNumber: at + 1, sliceThicknessMm: null, paddingStored: null },
    layout: {
      ...{ rows: height, columns: width, frames: planes.planes, samplesPerPixel: 1, bitsAllocated: bits },
      ...{ bitsStored: bits, highBit: bits - 1, signed: false, planar: false, colour: 'grey', float: false },
      ...{ littleEndian: true, bytesSwapped: false },
    },
    frames: Array.from({ length: planes.planes }, () => NO_PLACE),
    ...{ photometric: 'MONOCHROME2', windows: [], lossy: false, stackKeys: [], warnings: WARNINGS },
  }
}

export interface Stacks {
  readonly instances: readonly (readonly [Instance, Source])[]
  /** The pictures that are planes of a stack, and no photographs. */
  readonly taken: ReadonlySet<Picture>
}

/** The stacks among pictures whose planes were looked at. What somebody drew is none: it stays a picture. */
export function stacksOf(pictures: readonly Picture[]): Stacks {
  const instances: (readonly [Instance, Source])[] = []
  const taken = new Set<Picture>()
  for (const group of candidates(pictures)) {
    const planes = group.flatMap((picture): StackPlane[] =>
      picture.planes == null || picture.summary.eye !== null ? [] : [{ picture, planes: picture.planes }],
    )
    const count = planes.reduce((sum, one) => sum + one.planes.planes, 0)
    const isWhole = planes.length === group.length && count >= LEAST_PLANES
    if (!isWhole || planes.every((one) => one.planes.isDrawn)) continue
    const hash = createHash('sha256').update(planes.map((one) => one.planes.sha256).join(' '))
    const content = hash.digest('hex')
    const [first] = group
    const folder = folderOf(first?.summary.path ?? '')
    const name = group.length > 1 ? folder.split(/[\\/]/).at(-1) || 'pictures' : (first?.summary.name ?? '')
    for (const [at, one] of planes.entries()) {
      instances.push([instanceOf(one, at, name, content), one.picture.source])
      taken.add(one.picture)
    }
  }
  return { instances, taken }
}
