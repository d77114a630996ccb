import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DecodeReport } from '../../contract'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { runDecode } from './decode'

const folder = mkdtempSync(join(tmpdir(), 'margin-decode-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Two rows of three 8-bit pixels, implicit little endian, without preamble: (0008,0016), Rows, Columns, bits, pixels. */
const PICTURE = `
  0800 1600 02000000 3100
  2800 0200 02000000 0100  2800 0400 0c000000 4d4f4e4f4348524f4d453220
  2800 1000 02000000 0200  2800 1100 02000000 0300
  2800 0001 02000000 0800  2800 0101 02000000 0800  2800 0201 02000000 0700  2800 0301 02000000 0000
  e07f 1000 06000000 010203040506`
writeFileSync(join(folder, 'picture.dcm'), Buffer.from(PICTURE.replaceAll(/\s/g, ''), 'hex'))
writeFileSync(join(folder, 'notes.txt'), 'nothing')
symlinkSync('picture.dcm', join(folder, 'link.dcm'))

async function decode(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly lines: readonly DecodeReport[] }> {
  const lines: DecodeReport[] = []
  const io: CommandIo = {
    out: (line) => lines.push(DecodeReport.parse(JSON.parse(line))),
    err: () => undefined,
    signal: new AbortController().signal,
    cwd: folder,
    services: () => Promise.reject(new Error('decode needs no services')),
  }
  return { code: await runDecode(args, io), lines }
}

const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6)
const sha256 = createHash('sha256').update(pixels).digest('hex')
const report = {
  path: 'picture.dcm',
  transferSyntax: '1.2.840.10008.1.2',
  rows: 2,
  columns: 3,
  frames: 1,
  form: 'grey',
  dtype: 'u1',
  sha256: [sha256],
}

test('one line a file: the description and the hash of each frame', async () => {
  expect(await decode('picture.dcm', 'link.dcm')).toMatchObject({
    code: 0,
    lines: [report, { ...report, path: 'link.dcm' }],
  })
})

test('a refused file is a line too, and the exit code says so', async () => {
  const { code, lines } = await decode('picture.dcm', 'notes.txt', 'nowhere.dcm')
  expect(code).toBe(1)
  expect(lines).toMatchObject([
    report,
    { path: 'notes.txt', refusal: { code: 'not-dicom' } },
    { path: 'nowhere.dcm', refusal: { code: 'not-found' } },
  ])
})

test('--out writes the frame in canonical form; a frame that is not there is refused', async () => {
  expect((await decode('picture.dcm', '--out', 'frame.raw')).code).toBe(0)
  expect([...readFileSync(join(folder, 'frame.raw'))]).toEqual([...pixels])
  expect(await decode('picture.dcm', '--frame', '1')).toMatchObject({
    code: 1,
    lines: [{ refusal: { code: 'not-found' } }],
  })
})

test('wrong usage is thrown', async () => {
  await expect(decode()).rejects.toThrow(UsageError)
  await expect(decode('a', 'b', '--out', 'c')).rejects.toThrow(UsageError)
  await expect(decode('a', '--frame', 'first')).rejects.toThrow(UsageError)
})
