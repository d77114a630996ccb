import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshWorkspace } from '../e2e/visit/launch'
import { openWindow } from '../e2e/visit/window'
import type { Window } from '../e2e/visit/window'
import { chooseMenu } from './menu-bar'

/** However the program ends, what it laid down on disk goes. */

interface Session extends Window {
  readonly tmp: string
  readonly left: () => readonly string[]
}

const sessionsIn = (tmp: string): readonly string[] =>
  readdirSync(tmp).filter((name) => name.startsWith('margin-session-'))

/** A window with its folder on disk; with the built-in case in it, whose files stand for a patient's. */
async function session(
  demo: boolean,
  tmp = mkdtempSync(join(tmpdir(), 'margin-ending-')),
  environment: NodeJS.ProcessEnv = {},
): Promise<Session> {
  const opened = await openWindow({
    paths: [],
    demo,
    environment: { TMPDIR: tmp, MARGIN_WORKSPACE: freshWorkspace(), ...environment },
  })
  const ready = demo ? 'Nodule 1' : 'Open the built-in case'
  await opened.page.getByText(ready).first().waitFor({ timeout: 120_000 })
  return { ...opened, tmp, left: () => sessionsIn(tmp) }
}

async function ended({ application }: Window, how: () => unknown): Promise<number | null> {
  const child = application.process()
  const gone = once(child, 'exit')
  await how()
  await gone
  return child.exitCode
}

test.each(['quit', 'close', 'SIGTERM', 'SIGINT'] as const)('after %s nothing is left', async (way) => {
  const opened = await session(way === 'SIGTERM')
  expect(opened.left()).toHaveLength(1)
  const child = opened.application.process()
  const code = await ended(opened, () => {
    if (way === 'quit')
      return opened.application
        .evaluate(({ app }) => {
          app.quit()
        })
        .catch(() => undefined)
    if (way === 'close') return opened.page.close().catch(() => undefined)
    return child.kill(way)
  })
  expect(opened.left()).toEqual([])
  expect(code).toBe(0)
})

test('nothing is left of a case that was still being written', async () => {
  const opened = await session(false, undefined, { MARGIN_CASE: join(tmpdir(), 'no-case-was-shipped') })
  const caseFolder = join(opened.tmp, opened.left()[0] ?? '', 'demo', 'ct')
  await opened.page.getByText('Open the built-in case').click()
  await expect
    .poll(() => existsSync(caseFolder) && readdirSync(caseFolder).length, { timeout: 60_000, interval: 20 })
    .toBeGreaterThan(2)
  const { application } = opened
  await ended(opened, () => application.process().kill('SIGTERM'))
  expect(opened.left()).toEqual([])
  expect(opened.words()).not.toMatch(/ENOTEMPTY/)
})

test.each([0, 150, 600])('told to end %i ms into the trial of the devices, it ends', async (laterMs) => {
  const opened = await session(false)
  await chooseMenu(opened.application, 'about')
  await opened.page.getByText('Each device repeats a known run').waitFor()
  await new Promise((next) => setTimeout(next, laterMs))
  const startedMs = performance.now()
  const child = opened.application.process()
  expect(await ended(opened, () => child.kill('SIGTERM'))).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  expect(opened.left()).toEqual([])
})

test('after kill -9 the folder is left, and the next start sweeps it', async () => {
  const first = await session(true)
  await first.kill()
  const [left = ''] = first.left()
  expect(existsSync(join(first.tmp, left))).toBe(true)
  const second = await session(false, first.tmp)
  expect(second.left()).not.toContain(left)
  await second.close()
})
