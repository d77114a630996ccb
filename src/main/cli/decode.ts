import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { DecodeReport } from '../../contract'
import type { Answer } from '../library/decode/job'
import { inlinePool } from '../library/decode/pool'
import type { DecodePool } from '../library/decode/pool'
import { realPath } from '../library/roots'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'

interface Wanted {
  readonly files: readonly string[]
  /** 0-based; null decodes all frames. */
  readonly frame: number | null
  readonly out: string | null
}

function readArguments(args: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { frame: { type: 'string' }, out: { type: 'string' } },
    strict: true,
    allowPositionals: true,
  })
  if (positionals.length === 0) throw new UsageError('decode needs a DICOM file.')
  const out = values.out ?? null
  if (out !== null && positionals.length > 1) throw new UsageError('--out goes with one file.')
  const said = values.frame ?? (out === null ? null : '0')
  if (said === null) return { files: positionals, frame: null, out }
  if (!/^\d+$/.test(said))
    throw new UsageError(`--frame ${said} is not the number of a frame (they count from 0).`)
  return { files: positionals, frame: Number(said), out }
}

/**
 * `margin decode FILE… [--frame K] [--out FILE]`: one DecodeReport a line. With --out the bytes of one frame (frame 0
 * unless --frame says otherwise) are written in canonical form. Returns 1 when a file was refused.
 */
export async function runDecode(args: readonly string[], io: CommandIo): Promise<number> {
  const { files, frame, out } = readArguments(args)
  const pool = inlinePool()
  let refused = 0
  for (const path of files) {
    if (io.signal.aborted) return 1
    const answer = await decodeOne(pool, { path, file: resolve(io.cwd, path), frame })
    if (answer.kind === 'canonical') {
      if (out !== null && answer.bytes !== null) await writeFile(resolve(io.cwd, out), answer.bytes)
      const report: DecodeReport = { ...answer.report, warnings: [...answer.report.warnings] }
      io.out(JSON.stringify(report))
    } else if (answer.kind === 'refused') {
      refused += 1
      const report: DecodeReport = { path, refusal: answer.refusal }
      io.out(JSON.stringify(report))
    }
  }
  return refused === 0 ? 0 : 1
}

interface Asked {
  readonly path: string
  readonly file: string
  readonly frame: number | null
}

/** Links are followed here, by the one who named the file; decoding itself follows none. */
async function decodeOne(pool: DecodePool, { path, file, frame }: Asked): Promise<Answer> {
  const real = await realPath(file)
  if (!real.ok) return { kind: 'refused', refusal: { ...real.refusal, path } }
  return pool.run({ kind: 'canonical', source: { kind: 'file', file: real.value }, path, frame })
}
