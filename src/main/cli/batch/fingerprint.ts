/** What stands for the content of files, so that what was done of others is not taken for done. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { systemPath } from '../../library/raw-path'

/** sha256 over the bytes of each, in hexadecimal; a file that cannot be read counts as no bytes. */
export async function contentOf(files: readonly string[]): Promise<string> {
  const hashes: string[] = []
  for (const file of files) {
    const bytes = await readFile(systemPath(file)).catch(() => new Uint8Array())
    hashes.push(createHash('sha256').update(bytes).digest('hex'))
  }
  return hashes.join(' ')
}

/** Their sizes in bytes. For series, whose instances have names of their own and whose bytes are many. */
export async function sizesOf(files: readonly string[]): Promise<string> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(systemPath(file)).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  )
  return sizes.join(' ')
}
