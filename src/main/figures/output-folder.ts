/** Files of a command in its folder: each is read again and compared before it counts. */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accept, refuse, type Result } from '../../contract'
import { writeWholeFile } from '../workspace/whole-file'
import type { OutputFile } from './run-files'

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT'])

/** Writes one file. Refused: a folder that cannot be written, a full disk, and a file that reads back otherwise; it is then taken away again. */
export async function writeInto(outDir: string, { path, bytes }: OutputFile): Promise<Result<null>> {
  const place = join(outDir, ...path.split('/'))
  try {
    await mkdir(dirname(place), { recursive: true })
    await writeWholeFile(place, bytes)
    const read = await readFile(place)
    if (read.equals(bytes)) return accept(null)
    await rm(place, { force: true })
    return refuse('file-unreadable', `${path} did not read back as it was written.`, {
      path: outDir,
      next: 'Look after the disk, or choose another folder with --out.',
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    return DISK_FULL.has(code)
      ? refuse('file-unreadable', `The disk is full: ${path} was not written.`, {
          path: outDir,
          next: 'Make room and run the same command again, or choose another folder with --out.',
        })
      : refuse(
          'file-unreadable',
          `${path} cannot be written: ${error instanceof Error ? error.message : code}`,
          {
            path: outDir,
            next: 'Choose another folder with --out.',
          },
        )
  }
}
