import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { dcm2niix, gdcmPython } from '../../scripts/setup/readers.js'
import { TAG } from '../../src/core/dicom/elements'
import type { LibraryService } from '../../src/main/library/library-service'
import { createLibrary } from '../../src/main/library/library'
import { builtProgram } from '../built'
import { pythonHas } from '../python'
import scratch from '../scratch'
import type { Bench, BenchSet, Claim, Cost, Side, Skipped } from './harness'
import { startPeer } from './python-peer'
import type { PythonPeer } from './python-peer'
import { thousandFiles } from './thousand-files'

const Found = z.object({ files: z.number(), series: z.number(), ms: z.number(), cpuMs: z.number() })

/** The elements of the first level that a scan of ours looks at. */
const TAGS: readonly number[] = [
  ...[TAG.TransferSyntaxUID, TAG.SpecificCharacterSet, TAG.SOPClassUID, TAG.SOPInstanceUID],
  ...[TAG.StudyInstanceUID, TAG.SeriesInstanceUID, TAG.PatientID, TAG.Modality, TAG.StudyDate],
  ...[TAG.SeriesDate, TAG.StudyDescription, TAG.SeriesDescription, TAG.BodyPartExamined],
  ...[TAG.ConvolutionKernel, TAG.KVP, TAG.SliceThickness, TAG.SeriesNumber, TAG.InstanceNumber],
  ...[TAG.AcquisitionNumber, TAG.ImagePositionPatient, TAG.ImageOrientationPatient, TAG.PixelSpacing],
  ...[TAG.SamplesPerPixel, TAG.PhotometricInterpretation, TAG.PlanarConfiguration, TAG.NumberOfFrames],
  ...[TAG.Rows, TAG.Columns, TAG.BitsAllocated, TAG.BitsStored, TAG.HighBit, TAG.PixelRepresentation],
  ...[TAG.PixelPaddingValue, TAG.WindowCenter, TAG.WindowWidth, TAG.RescaleIntercept, TAG.RescaleSlope],
  ...[TAG.RescaleType, TAG.LossyImageCompression],
]

interface Seen {
  readonly files: number
  readonly series: number
}

const opened = (): LibraryService =>
  createLibrary({ workerPath: join(builtProgram(), 'main', 'decode-worker.js') })

async function scanned(library: LibraryService, folder: string): Promise<Seen> {
  await library.addRoot(folder)
  const result = await library.scan([folder], () => undefined, new AbortController().signal)
  if (!result.ok) throw new Error(result.refusal.reason)
  return { files: result.value.filesRead, series: result.value.series.length }
}

/** With threads that are started for it, as the first scan of a program has them. */
async function scannedFirst(folder: string): Promise<null> {
  const library = opened()
  await scanned(library, folder)
  await library.close()
  return null
}

const asked = (peer: PythonPeer, question: object): Promise<z.infer<typeof Found>> =>
  peer.ask(question).then((found) => Found.parse(found))

/** It converts only: here to the sidecars of each series, which are made of the headers. */
function byDcm2niix(program: string, folder: string): () => Promise<Cost> {
  return () => {
    const out = mkdtempSync(join(tmpdir(), 'margin-sidecars-'))
    const startMs = performance.now()
    const words = ['-b', 'o', '-ba', 'n', '-o', out, folder]
    const ran = spawnSync(program, words, { stdio: 'ignore' })
    const ms = performance.now() - startMs
    rmSync(out, { recursive: true, force: true })
    if (ran.error !== undefined) throw ran.error
    return Promise.resolve({ ms, cpuMs: 0 })
  }
}

function peersOf(root: string, folder: string): { sides: (Side | Skipped)[]; peers: PythonPeer[] } {
  const script = join(root, 'test/bench/other_readers.py')
  const peers: PythonPeer[] = []
  const bySystem = gdcmPython()
  const asks = (name: string, by: string | undefined, way: string): Side => {
    const peer = startPeer(root, [script], by === undefined ? {} : { by })
    peers.push(peer)
    return { name, run: () => asked(peer, { do: way, folder, tags: TAGS }) }
  }
  const program = dcm2niix()
  const sides: (Side | Skipped)[] = [
    bySystem === null
      ? { id: 'scan', skipped: 'GDCM is not here and cannot be installed (Debian: apt install python3-gdcm)' }
      : asks(GDCM, bySystem, 'scan-gdcm'),
    pythonHas('pydicom')
      ? asks('pydicom', undefined, 'scan-pydicom')
      : { id: 'scan-pydicom', skipped: 'pydicom is not in .venv (npm test makes it)' },
    program === null
      ? { id: 'scan-dcm2niix', skipped: 'dcm2niix is not here and cannot be installed' }
      : { name: 'dcm2niix', run: byDcm2niix(program, folder) },
  ]
  return { sides, peers }
}

const GDCM = "GDCM's Scanner"

const TERMS: Readonly<Record<string, string>> = {
  [GDCM]: 'the peer reads the values of the same elements; this program also orders and checks the series',
  pydicom: 'the peer stops before the pixels and reads the values of the same elements',
  dcm2niix: 'from the start of its process; it also orders the series and writes a sidecar of each',
}

/** A thousand real files, told apart into series. */
export async function scanBenches(root: string): Promise<BenchSet> {
  const ends = [scratch()]
  const close = (): Promise<void> => {
    for (const end of ends) end()
    return Promise.resolve()
  }
  const folder = thousandFiles()
  if (folder === null)
    return { benches: [{ id: 'scan', skipped: 'data/dicom or data/lidc is absent' }], close }
  const library = opened()
  const seen = await scanned(library, folder)
  const { sides, peers } = peersOf(root, folder)
  ends.unshift(() => {
    for (const peer of peers) peer.close()
    void library.close()
  })
  const name = `scan of ${seen.files} files into ${seen.series} series`
  const rowOf = (id: string, peer: Side, run: Side['run'], claim: Claim | null, words: string): Bench => ({
    ...{ id, name, peer, claim, rounds: 7 },
    ours: { name: 'this program', run },
    terms: `the same folder, read before; ${TERMS[peer.name] ?? ''}; ${words}`,
  })
  const again = (): Promise<null> => scanned(library, folder).then(() => null)
  const benches = sides.flatMap((side): readonly (Bench | Skipped)[] => {
    if ('skipped' in side) return [side]
    const running = 'both run already, neither remembers anything of the turn before'
    if (side.name !== GDCM) return [rowOf(`scan-${side.name}`, side, again, null, running)]
    const first = 'threads of ours that are started for it'
    return [
      rowOf('scan', side, again, { leastRatio: 0.5, aimRatio: 1 }, running),
      rowOf('scan-first', side, () => scannedFirst(folder), null, first),
    ]
  })
  return { benches, close }
}
