import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { writeWholeFile } from '../../../src/main/workspace/whole-file'
import { bundle } from '../../bundle'
import { seeded } from '../../fixtures/damage-dicom'

/** On the disk itself: what is killed here was writing for real. */
const root = mkdtempSync(join(tmpdir(), 'margin-killed-export-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

const ROUNDS = 6
/** A kill falls within as long as this many files take here: a slow disk takes as many. */
const FILES = 4
/** What each file is to hold. */
const expected = Buffer.alloc(1_000_000, 7)

/** Everything under a folder that bears the name of an export. */
function finished(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bin'))
    .map((name) => join(folder, name))
}

async function firstFileMs(folder: string): Promise<number> {
  const began = performance.now()
  while (finished(folder).length === 0) await pause(1)
  return performance.now() - began
}

test(`kill -9, ${ROUNDS} times during an export: under a final name stands a whole file or none`, async () => {
  const program = await bundle('test/conformance/exchange/writing-process.ts', 'writing-process')
  const random = seeded(3)
  let halves = 0
  let whole = 0
  let fileMs = 0
  for (let round = 0; round <= ROUNDS; round += 1) {
    const folder = join(root, String(round))
    mkdirSync(folder)
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise((done) => child.once('exit', done))
    await new Promise((ready) => child.stdout.once('data', ready))
    // The first round tells how long a file takes.
    if (round === 0) fileMs = await firstFileMs(folder)
    else await pause(random() * FILES * fileMs)
    child.kill('SIGKILL')
    await ended
    for (const path of finished(folder)) {
      expect([path, readFileSync(path).equals(expected)]).toEqual([path, true])
      whole += 1
    }
    halves += readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.unfinished'),
    ).length
    rmSync(folder, { recursive: true })
  }
  // Kills that fell before, into and behind a writing.
  expect(halves).toBeGreaterThan(0)
  expect(whole).toBeGreaterThan(0)
})

test('a file that is there is written over when that is asked for, and else stays', async () => {
  const path = join(root, 'file.txt')
  writeFileSync(path, 'mine')
  await expect(writeWholeFile(path, 'other', { isNew: true })).rejects.toMatchObject({ code: 'EEXIST' })
  expect(readFileSync(path, 'utf8')).toBe('mine')
  await writeWholeFile(path, 'newer')
  expect(readFileSync(path, 'utf8')).toBe('newer')
  await writeWholeFile(join(root, 'first.txt'), 'first', { isNew: true })
  expect(readdirSync(root).filter((name) => name.includes('unfinished'))).toEqual([])
  await expect(writeWholeFile(join(root, 'none', 'file.txt'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
})
