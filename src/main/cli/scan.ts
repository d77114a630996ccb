import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Refusal, ScanResult } from '../../contract'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'

/** So many lines of progress a scan writes at most. */
const PROGRESS_LINES = 20

/** `margin scan PATH…`: a ScanResult as one line of JSON. Returns 0 when something could be read, else 1. */
export async function runScan(args: readonly string[], io: CommandIo): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, strict: true, allowPositionals: true })
  if (positionals.length === 0) throw new UsageError('scan needs a folder, a file or a ZIP.')
  const { library } = await io.services()
  const paths: string[] = []
  const unopened: Refusal[] = []
  for (const path of positionals) {
    const root = await library.addRoot(resolve(io.cwd, path))
    if (root.ok) paths.push(root.value)
    else unopened.push({ ...root.refusal, path })
  }
  const scanned = await library.scan(paths, progressLines(io), io.signal)
  if (!scanned.ok) {
    io.err(scanned.refusal.reason)
    return 1
  }
  const result: ScanResult = { ...scanned.value, refused: [...unopened, ...scanned.value.refused] }
  io.out(JSON.stringify(result))
  const { series, images, annotations, refused } = result
  io.err(
    `${series.length} series, ${images.length} photographs, ${annotations.length} annotations, ${refused.length} not read.`,
  )
  return series.length + images.length + annotations.length > 0 ? 0 : 1
}

function progressLines(
  io: CommandIo,
): (progress: { readonly filesRead: number; readonly filesTotal: number }) => void {
  let written = 0
  return ({ filesRead, filesTotal }) => {
    const due = Math.floor((filesRead / filesTotal) * PROGRESS_LINES)
    if (due <= written) return
    written = due
    io.err(`Read ${filesRead} of ${filesTotal} files.`)
  }
}
