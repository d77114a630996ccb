import { join } from 'node:path'
import { z } from 'zod'
import { gdcmPython, pylibjpegFolder } from '../../scripts/setup/readers.js'
import { transferSyntax } from '../../src/core/dicom/transfer-syntax'
import type { Answer, Job } from '../../src/main/library/decode/job'
import { performWhenReady } from '../../src/main/library/decode/perform'
import { workerPool } from '../../src/main/library/decode/pool'
import { builtProgram } from '../built'
import { corpusDir } from '../fixtures/dicom-corpus'
import { absent } from '../test-data'
import type { Bench, BenchSet, Claim, Side, Skipped } from './harness'
import { startPeer } from './python-peer'
import type { PythonPeer } from './python-peer'

const THREADS = 2
/** Decodes a turn: enough that a turn is no matter of one garbage collection. */
const TIMES = 8
const BASE = '1.2.840.10008.1.2'
const chest = (syntax: string): string => `syntax/ctimage/ctimage_${BASE}.${syntax}.dcm`

/** The largest one-frame file that data/dicom has of each syntax; most are one chest of 512 x 512. */
const FRAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['1.99', '4.50', '4.51', '4.53', '4.55', '4.57', '4.70', '4.80', '4.81', '4.90', '4.91', '5'].map(
      (syntax) => [syntax, chest(syntax)],
    ),
  ),
  '4.201': 'syntax/htj2k/HTJ2KLossless_08_RGB.dcm',
  '4.202': 'syntax/synthetic/ct_crop_htj2k_rpcl_202.dcm',
  '4.203': 'syntax/htj2k/HTJ2K_08_RGB.dcm',
  '4.110': 'syntax/synthetic/jpegxl_lossless_16bit_110.dcm',
}

const Decoded = z.object({ decoded: z.number(), ms: z.number(), cpuMs: z.number() })

interface Reader {
  readonly name: string
  readonly decode: (file: string) => Promise<z.infer<typeof Decoded>>
}

const asReader = (name: string, way: string, peer: PythonPeer): Reader => ({
  name,
  decode: (file) => peer.ask({ do: way, file, times: TIMES }).then((answered) => Decoded.parse(answered)),
})

/** The readers that are here; each that is not is named. */
function readersOf(root: string): { readers: Reader[]; absent: Skipped[]; close: () => void } {
  const script = [join(root, 'test/bench/other_readers.py')]
  const [gdcm, folder] = [gdcmPython(), pylibjpegFolder()]
  const byGdcm = gdcm === null ? null : startPeer(root, script, { by: gdcm })
  const byPylibjpeg = folder === null ? null : startPeer(root, script, { path: [folder] })
  const skipped = (id: string, skipped: string): Skipped => ({ id, skipped })
  return {
    readers: [
      ...(byGdcm === null ? [] : [asReader('GDCM', 'decode-gdcm', byGdcm)]),
      ...(byPylibjpeg === null ? [] : [asReader('pylibjpeg', 'decode-pylibjpeg', byPylibjpeg)]),
    ],
    absent: [
      ...(byGdcm === null
        ? [skipped('decode-gdcm', 'GDCM is not here and cannot be installed (Debian: python3-gdcm)')]
        : []),
      ...(byPylibjpeg === null
        ? [skipped('decode-pylibjpeg', 'pylibjpeg cannot be fetched by pip into build/bench-python')]
        : []),
    ],
    close: () => {
      byGdcm?.close()
      byPylibjpeg?.close()
    },
  }
}

interface Peer {
  readonly side: Side
  readonly words: string
}

/** The faster of the readers that decode the file, by the second of two tries each. */
async function fastest(readers: readonly Reader[], file: string): Promise<Peer | null> {
  const timed: { readonly reader: Reader; readonly ms: number }[] = []
  for (const reader of readers) {
    const { decoded } = await reader.decode(file)
    if (decoded === 1) timed.push({ reader, ms: (await reader.decode(file)).ms })
  }
  const [first] = timed.sort((a, b) => a.ms - b.ms)
  if (first === undefined) return null
  const each = timed.map(({ reader, ms }) => `${reader.name} ${(ms / TIMES).toFixed(1)} ms`)
  const others = readers.filter((reader) => !timed.some((one) => one.reader === reader))
  const unable = others.map(({ name }) => `${name} decodes none of it`)
  return {
    side: { name: first.reader.name, run: () => first.reader.decode(file) },
    words: [...each, ...unable].join(', '),
  }
}

type Run = (job: Job) => Promise<Answer>

function ours(file: string, run: Run, isTogether: boolean): Side['run'] {
  const rescale = { slope: 1, intercept: 0, unit: '' }
  const job: Job = { kind: 'slice', source: { kind: 'file', file }, path: file, frame: 0, rescale }
  const once = async (): Promise<void> => {
    const answer = await run(job)
    if (answer.kind !== 'slice') throw new Error(`${file} was not decoded`)
  }
  return async () => {
    if (isTogether) await Promise.all(Array.from({ length: TIMES }, once))
    else for (let time = 0; time < TIMES; time += 1) await once()
    return null
  }
}

/** Each compressed syntax, from the file to the values of a frame, against the faster of two other readers. */
export async function decodeBenches(root: string): Promise<BenchSet> {
  const missing = absent('dicom')
  if (missing !== null)
    return { benches: [{ id: 'decode', skipped: missing }], close: () => Promise.resolve() }
  const pool = workerPool(join(builtProgram(), 'main', 'decode-worker.js'), THREADS)
  const others = readersOf(root)
  const benches: (Bench | Skipped)[] = [...others.absent]
  for (const [syntax, name] of Object.entries(FRAMES)) {
    const file = join(corpusDir, name)
    const title = transferSyntax(`${BASE}.${syntax}`)?.name ?? syntax
    const peer = await fastest(others.readers, file)
    if (peer === null) {
      benches.push({ id: `decode-${syntax}`, skipped: `${title}: no other reader here decodes it` })
      continue
    }
    const row = (id: string, words: string, run: Side['run'], claim: Claim): Bench => ({
      ...{ id, name: `${title}: ${TIMES} times a frame, ${words}`, peer: peer.side, claim, rounds: 7 },
      ours: { name: 'this program', run },
      terms: `${name}, read and decoded each time; a frame on one thread: ${peer.words}`,
    })
    benches.push(
      row(`decode-${syntax}`, 'one thread', ours(file, performWhenReady, false), {
        leastRatio: 0.5,
        aimRatio: 1,
      }),
      row(`decode-${syntax}-pool`, `${THREADS} threads`, ours(file, pool.run, true), {
        leastRatio: 1,
        aimRatio: THREADS,
      }),
    )
  }
  return {
    benches,
    close: async () => {
      others.close()
      await pool.close()
    },
  }
}
