/** The built-in case on disk: the same files as a user's own folder would hold. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as letOthersWork } from 'node:timers/promises'
import { picturesHere } from '../pictures/picture-process'
import type { Pictures } from '../pictures/picture-process'
import type { RawPicture } from '../pictures/raw-picture'
import type { Mask } from '../../core/image/mask'
import { CHEST_CASE_VERSION, chestDicomFiles, chestReadingFile } from '../../core/phantom/chest-case'
import { CHEST } from '../../core/phantom/chest-volume'
import { type FundusPhantom, fundusPhantom } from '../../core/phantom/fundus-photograph'

export interface DemoCase {
  readonly seriesFolder: string
  readonly readingsPath: string
  readonly photographFolder: string
  readonly photographPath: string
}

/** Written last, so that a folder left half done is made anew. */
const MARKER = 'case.json'
/** The disc lies on the left of the picture, so it is a left eye. */
const EYE = 'phantom-left-eye'

function placesIn(folder: string): DemoCase {
  const seriesFolder = join(folder, 'ct')
  const photographFolder = join(folder, 'fundus')
  return {
    seriesFolder,
    readingsPath: join(seriesFolder, chestReadingFile().name),
    photographFolder,
    photographPath: join(photographFolder, `${EYE}.png`),
  }
}

const markerText = (): string =>
  `${JSON.stringify({ case: 'Margin phantom', version: CHEST_CASE_VERSION, slices: CHEST.sliceCount })}\n`

/** Whether this version of the case stands whole in `folder`. */
export async function holdsDemoCase(folder: string): Promise<boolean> {
  try {
    return (await readFile(join(folder, MARKER), 'utf8')) === markerText()
  } catch {
    return false
  }
}

async function writeSeries(places: DemoCase, signal: AbortSignal): Promise<void> {
  const readings = chestReadingFile()
  await writeFile(join(places.seriesFolder, readings.name), readings.bytes)
  for (const file of chestDicomFiles()) {
    signal.throwIfAborted()
    if (file === null) await letOthersWork()
    else await writeFile(join(places.seriesFolder, file.name), file.bytes)
  }
}

async function pngBytes(picture: RawPicture, { pngOf }: Pictures): Promise<Uint8Array> {
  const png = await pngOf(picture)
  if (!png.ok) throw new Error(png.refusal.reason)
  return png.value
}

const ofMask = ({ pixels, ...size }: Mask): RawPicture => ({
  ...size,
  pixels: pixels.map((pixel) => pixel * 255),
  channels: 1,
})

async function drawEye(signal: AbortSignal): Promise<FundusPhantom> {
  const drawing = fundusPhantom()
  for (;;) {
    const step = drawing.next()
    if (step.done === true) return step.value
    signal.throwIfAborted()
    await letOthersWork()
  }
}

async function writePhotograph(places: DemoCase, signal: AbortSignal, pictures: Pictures): Promise<void> {
  const eye = await drawEye(signal)
  const { rgb, widthPx, heightPx } = eye
  const colours = await pngBytes({ pixels: rgb, widthPx, heightPx, channels: 3 }, pictures)
  await writeFile(places.photographPath, colours)
  for (const [index, reader] of eye.readers.entries()) {
    const path = join(places.photographFolder, `${EYE}_reader${'AB'.charAt(index)}.png`)
    await writeFile(path, await pngBytes(ofMask(reader), pictures))
  }
  const fov = join(places.photographFolder, `${EYE}_fov.png`)
  await writeFile(fov, await pngBytes(ofMask(eye.fieldOfView), pictures))
}

/**
 * Writes the CT series with its readings and the photograph with its masks into `folder`, unless the same version is
 * there already. Throws what the disk throws, and the signal's reason when it is aborted.
 */
export async function writeDemoCase(
  folder: string,
  signal: AbortSignal,
  pictures: Pictures = picturesHere(),
): Promise<DemoCase> {
  const places = placesIn(folder)
  if (await holdsDemoCase(folder)) return places
  await mkdir(folder, { recursive: true })
  signal.throwIfAborted()
  await rm(join(folder, MARKER), { force: true })
  await rm(places.seriesFolder, { recursive: true, force: true })
  await rm(places.photographFolder, { recursive: true, force: true })
  await mkdir(places.seriesFolder, { recursive: true })
  await mkdir(places.photographFolder, { recursive: true })
  await writePhotograph(places, signal, pictures)
  await writeSeries(places, signal)
  await writeFile(join(folder, MARKER), markerText())
  return places
}
