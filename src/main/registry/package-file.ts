import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Not an ordinary file, or a larger one than is read. */
export class NotAFile extends Error {}

/**
 * The bytes of an ordinary file. A pipe, a device or a socket under its name keeps nobody waiting: it is opened without
 * waiting for its other end (Windows has no such flag and no such files), and refused.
 */
export async function readOrdinaryFile(path: string, mostBytes: number): Promise<Buffer> {
  // Windows has no such flag: there it is undefined and counts as 0.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new NotAFile('is no ordinary file')
    if (found.size > mostBytes) throw new NotAFile(`is larger than ${mostBytes / 2 ** 20} MiB`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
