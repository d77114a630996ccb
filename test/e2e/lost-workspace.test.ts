import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { accessibilityViolations } from './visit/accessible'
import { freshWorkspace, openPhotograph, visit } from './visit/launch'
import { outOfSight } from './visit/out-of-sight'

/** Somebody takes the database of the workspace away while it is open: what the person who draws is told then, and at the next start. */

const folder = mkdtempSync(join(tmpdir(), 'margin-lost-'))
beforeAll(async () => {
  await sharp({ create: { width: 400, height: 400, channels: 3, background: '#a06040' } })
    .png()
    .toFile(join(folder, 'eye_OS.png'))
})

const openDrawing = (page: Page): Promise<void> =>
  page
    .getByRole('region', { name: 'Your reading' })
    .getByRole('button', { name: /draft|Draw/ })
    .click()

async function stroke(page: Page, number: number): Promise<void> {
  const box = await page.locator('.stage').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const y = box.y + box.height / 2 - 120 + 50 * number
  await page.mouse.move(box.x + box.width / 2 - 60, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 60, y, { steps: 6 })
  await page.mouse.up()
}

const strokes = (page: Page): Promise<number> =>
  page
    .getByRole('region', { name: 'History' })
    .getByText(/^Brush/)
    .count()

test.each([
  ['deleted', 'was deleted or moved', 'is missing'],
  ['emptied', 'was cut short', 'is empty'],
] as const)(
  'a database that was %s: it is said at once what is safe, and at the next start which file brings it back',
  async (how, whileOpen, atStart) => {
    const workspace = freshWorkspace()
    const start = { args: [folder], environment: { MARGIN_WORKSPACE: workspace } }
    const visited = await visit(start)
    const { page } = visited
    await openPhotograph(page, /eye_OS/)
    await openDrawing(page)
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    await stroke(page, 1)
    await stroke(page, 2)
    await expect.poll(() => strokes(page)).toBe(2)
    await page.getByText('saving …').waitFor({ state: 'detached' })
    if (how === 'deleted') rmSync(join(workspace, 'workspace.sqlite'))
    else truncateSync(join(workspace, 'workspace.sqlite'))
    await stroke(page, 3)
    const told = page.getByRole('region', { name: 'This case' }).getByRole('alert')
    await told.getByText(/1 gesture is not on disk/).waitFor()
    const words = await told.innerText()
    expect(words).toContain(whileOpen)
    expect(words).toContain('in this page alone: save a copy before you close it')
    const backup = /All that was acknowledged is in backups\/(backup-[\w-]+\.sqlite)/.exec(words)?.[1] ?? ''
    expect(readdirSync(join(workspace, 'backups'))).toContain(backup)
    await visited.shoot(`lost-${how}-open`)
    expect(await accessibilityViolations(page)).toEqual([])
    await visited.kill()

    const again = await visit(start)
    const notice = again.page.getByRole('alert', { name: 'Workspace' })
    await notice.waitFor()
    await openPhotograph(again.page, /eye_OS/)
    expect(await notice.innerText()).toContain(atStart)
    expect(await notice.innerText()).toContain(
      'the newest good backup, which holds all that was acknowledged:',
    )
    expect(await notice.innerText()).toContain(`copy backups/${backup} to workspace.sqlite`)
    await again.shoot(`lost-${how}-start`)
    await openDrawing(again.page)
    await again.page.getByText('The reading cannot be opened').waitFor()
    for (const width of [860, 1280]) {
      await again.page.setViewportSize({ width, height: 800 })
      expect(await outOfSight(again.page)).toEqual([])
    }
    await again.shoot(`lost-${how}-draw-1280`)
    expect(await accessibilityViolations(again.page)).toEqual([])
    await again.close()

    // As the words say.
    for (const name of readdirSync(workspace))
      if (name.startsWith('workspace.')) rmSync(join(workspace, name))
    cpSync(join(workspace, 'backups', backup), join(workspace, 'workspace.sqlite'))
    const restored = await visit(start)
    await openPhotograph(restored.page, /eye_OS/)
    await openDrawing(restored.page)
    await expect.poll(() => strokes(restored.page), { timeout: 20_000 }).toBe(2)
    expect(await restored.page.getByRole('alert').count()).toBe(0)
    await restored.close()
  },
)
