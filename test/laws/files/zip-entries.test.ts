/** What an entry of an archive holds is what was packed, or it is refused by name; its neighbours open. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { listArchive } from '../../../src/main/library/decode/archive-listing'
import { withSource } from '../../../src/main/library/decode/file-bytes'

const folder = mkdtempSync(join(tmpdir(), 'margin-zip-'))

/** The content of each entry by its name, null for one that is refused. */
function contents(archive: Uint8Array): Readonly<Record<string, readonly number[] | null>> {
  const file = join(folder, 'a.zip')
  writeFileSync(file, archive)
  const read = (offset: number, length: number) => archive.slice(offset, offset + length)
  const listed = listArchive({ totalBytes: archive.length, read }, 'a.zip')
  if (!listed.ok) throw new Error(listed.refusal.reason)
  return Object.fromEntries(
    listed.value.entries.map((entry) => {
      const bytes = withSource({ kind: 'entry', file, entry }, (open) => ({
        ok: true as const,
        value: [...open.read(0, open.totalBytes)],
      }))
      if (!bytes.ok) expect(bytes.refusal.code).toBe('archive-damaged')
      return [entry.name, bytes.ok ? bytes.value : null]
    }),
  )
}

test('one changed byte of one entry, stored or deflated, is that entry refused and no other', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom<0 | 9>(0, 9),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (first, second, level, place, turn) => {
        const archive = zipSync({ first, second }, { level, mtime: '2000-01-01' })
        expect(contents(archive)).toEqual({ first: [...first], second: [...second] })
        const view = new DataView(archive.buffer)
        const begin = 30 + view.getUint16(26, true) + view.getUint16(28, true)
        const length = view.getUint32(18, true)
        const damaged = archive.slice()
        const at = begin + (place % length)
        damaged[at] = (damaged[at] ?? 0) ^ turn
        const found = contents(damaged)
        expect(found['second']).toEqual([...second])
        // A changed bit behind the last block of deflate changes nothing of what it unfolds to.
        expect(found['first'] === null || found['first']?.join() === first.join()).toBe(true)
        if (level === 0) expect(found['first']).toBeNull()
      },
    ),
    { numRuns: 150, seed: 181 },
  )
})
