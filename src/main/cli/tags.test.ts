import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SliceTags } from '../../contract'
import type { CommandIo } from './command-io'
import { UsageError } from './command-io'
import { runTags } from './tags'

const folder = mkdtempSync(join(tmpdir(), 'margin-tags-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Implicit little endian, without preamble: class, a private element, a sequence with one item, Rows, pixels. */
const HEADER = `
  0800 1600 02000000 3100
  0800 6000 02000000 4354
  0900 1000 06000000 4d414b455220
  0800 1822 ffffffff feff00e0 0c000000 0800 0401 04000000 4c756e67 feffdde0 00000000
  2800 1000 02000000 0200
  e07f 1000 06000000 010203040506`
const inOrder = HEADER.trim().split('\n')
// Elements rise: the sequence stands before what the maker of the device wrote.
const [uid = '', modality = '', maker = '', sequence = '', ...rest] = inOrder
writeFileSync(
  join(folder, 'one.dcm'),
  Buffer.from([uid, modality, sequence, maker, ...rest].join('').replaceAll(/\s/g, ''), 'hex'),
)
writeFileSync(join(folder, 'notes.txt'), 'nothing')

async function tags(...args: readonly string[]): Promise<{
  readonly code: number
  readonly out: readonly string[]
  readonly err: readonly string[]
}> {
  const [out, err]: [string[], string[]] = [[], []]
  const io: CommandIo = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
    cwd: folder,
    services: () => Promise.reject(new Error('tags needs no services')),
  }
  return { code: await runTags(args, io), out, err }
}

test('a line a row, what is nested indented, bytes told by their size', async () => {
  const { code, out } = await tags('one.dcm')
  expect(code).toBe(0)
  expect(out).toEqual([
    '(0008,0016) UI SOP Class UID: 1',
    '(0008,0060) CS Modality: CT',
    '(0008,2218) SQ Anatomic Region Sequence: 1 item',
    '  Item 1',
    '    (0008,0104) LO Code Meaning: Lung',
    '(0009,0010) private creator: MAKER',
    '(0028,0010) US Rows: 2',
    '(7fe0,0010) ox Pixel Data: the picture, 6 bytes',
  ])
})

test('as JSON, with a file that is none among them', async () => {
  const { code, out, err } = await tags('--json', 'notes.txt', 'one.dcm')
  expect(code).toBe(1)
  expect(err).toEqual([expect.stringContaining('notes.txt: ')])
  const [refused, { path, ...told }] = out.map((line) => JSON.parse(line) as Record<string, unknown>) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ]
  expect(refused).toMatchObject({ path: 'notes.txt', refusal: { code: 'not-dicom' } })
  expect([path, SliceTags.parse(told).rows.length]).toEqual(['one.dcm', 8])
})

test.each([[[]], [['one.dcm', '--frame', 'x']]])('%j is wrong usage', async (args) => {
  await expect(tags(...args)).rejects.toThrow(UsageError)
})
