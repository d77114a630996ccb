import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatPlural } from '../../core/words/numbers'
import { tagLine } from '../../core/words/tag-words'
import type { Answer } from '../library/decode/job'
import { inlinePool } from '../library/decode/pool'
import { realPath } from '../library/roots'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'

/**
 * `margin tags FILE… [--frame K] [--json]`: the header of DICOM files as the page shows it, a line a row; with --json a
 * `SliceTags` with its path a file. Returns 1 when a file was refused.
 */
export async function runTags(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { frame: { type: 'string' }, json: { type: 'boolean' } },
    strict: true,
    allowPositionals: true,
  })
  if (positionals.length === 0) throw new UsageError('tags needs a DICOM file.')
  const said = values.frame ?? '0'
  if (!/^\d+$/.test(said))
    throw new UsageError(`--frame ${said} is not the number of a frame (they count from 0).`)
  let refused = 0
  for (const path of positionals) {
    if (io.signal.aborted) return 1
    const answer = await tagsOf(path, Number(said), io.cwd)
    if (answer.kind === 'tags') {
      const { tags } = answer
      if (values.json === true) io.out(JSON.stringify({ path, ...tags }))
      else if (positionals.length > 1) io.out(path)
      if (values.json !== true) for (const row of tags.rows) io.out(tagLine(row))
      if (tags.leftOut > 0) io.err(`${path}: ${formatPlural(tags.leftOut, 'nested row')} did not fit.`)
    } else if (answer.kind === 'refused') {
      refused += 1
      const { reason, next = '' } = answer.refusal
      if (values.json === true) io.out(JSON.stringify({ path, refusal: answer.refusal }))
      io.err(`${path}: ${reason} ${next}`.trimEnd())
    }
  }
  return refused === 0 ? 0 : 1
}

/** Links are followed here, by the one who named the file. */
async function tagsOf(path: string, frame: number, cwd: string): Promise<Answer> {
  const real = await realPath(resolve(cwd, path))
  if (!real.ok) return { kind: 'refused', refusal: { ...real.refusal, path } }
  return inlinePool().run({ kind: 'tags', source: { kind: 'file', file: real.value }, path, frame })
}
