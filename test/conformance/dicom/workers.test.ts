/** The built decode threads give what decoding in the calling thread gives, whoever is first. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LibraryService } from '../../../src/main/library/library-service'
import { createLibrary } from '../../../src/main/library/library'
import { builtProgram } from '../../built'
import { corpusDir } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')

async function open(workerPath: string | null, folder: string): Promise<LibraryService> {
  const library = createLibrary({ workerPath, threads: 2, now: () => new Date(0) })
  await library.addRoot(folder)
  const scanned = await library.scan([folder], () => undefined, new AbortController().signal)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  return library
}

async function everySlice(library: LibraryService): Promise<readonly unknown[]> {
  const bodies: unknown[] = []
  for (const { seriesUid, slices } of library.current().series) {
    // One after another, so that each thread waits between its jobs as it does when a reader scrolls.
    for (let index = 0; index < slices; index += 1) {
      const body = await library.slicePixels(seriesUid, index)
      if (!body.ok) throw new Error(body.refusal.reason)
      bodies.push({
        ...body.value.description,
        sha256: createHash('sha256').update(body.value.bytes).digest('hex'),
      })
    }
  }
  return bodies
}

describe.skipIf(reason !== null)(`decode threads ${reason ?? ''}`, () => {
  test.each([['geometry'], ['multiframe'], ['pixel'], ['syntax']])('%s', async (name) => {
    const folder = join(corpusDir, name)
    const inline = await open(null, folder)
    const threads = await open(join(builtProgram(), 'main', 'decode-worker.js'), folder)
    try {
      expect(threads.current()).toEqual(inline.current())
      expect(await everySlice(threads)).toEqual(await everySlice(inline))
    } finally {
      await threads.close()
    }
  })
})
