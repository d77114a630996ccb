import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipsWithout, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { ask } from './visit/ask'
import { freshWorkspace, launchChromium, startServer } from './visit/launch'
import type { Server } from './visit/launch'
import { addRater, margin, OWN_PASSWORD, PASSWORD, signIn, signInFirst, visitor } from './visit/raters'

/** A study of optic discs on three photographs, as its coordinator and two readers go through it. */

const shots = resolve(import.meta.dirname, '..', '..', 'build', 'shots')
const PHOTOGRAPHS = ['Image_08L.jpg', 'Image_11L.jpg', 'Image_13L.jpg']
const source = join(testDataDir, 'retina', 'chase')
const isSkipped = skipsWithout('retina/chase/Image_08L.jpg', 'coordinator')

function studyFolder(): string {
  const folder = resolve(import.meta.dirname, '..', '..', 'build', 'test-data', 'study')
  mkdirSync(folder, { recursive: true })
  for (const name of PHOTOGRAPHS) copyFileSync(join(source, name), join(folder, name))
  return folder
}

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  for (const [width, height] of [
    [1280, 800],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height })
    await page.waitForTimeout(150)
    await page.screenshot({ path: join(shots, `${name}-${width}.png`), animations: 'disabled' })
  }
}

/** Outlines something and answers, or answers that nothing is there; then commits. */
async function read(page: Page, answer: 'outlined' | 'nothing'): Promise<void> {
  await page.getByRole('heading', { name: 'Blind reading' }).waitFor()
  await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
  if (answer === 'outlined') {
    const box = await page.locator('.stage').first().boundingBox()
    if (box === null) throw new Error('the image is not on screen')
    const [x, y] = [box.x + box.width * 0.5, box.y + box.height * 0.5]
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let turn = 0; turn <= 16; turn += 1)
      await page.mouse.move(x + 30 * Math.cos(turn / 2.5), y + 30 * Math.sin(turn / 2.5))
    await page.mouse.up()
    await page.getByText('saving …').waitFor({ state: 'detached', timeout: 20_000 })
  }
  const section = page.getByRole('region', { name: 'Answer' })
  await section.getByText(answer === 'outlined' ? 'Outlined' : 'Nothing here', { exact: true }).click()
  await page.keyboard.press('Control+Enter')
  await page.getByText(/Committed at .* first attempt, blind/).waitFor()
}

describe.skipIf(isSkipped)('a coordinator runs a study of three photographs and two readers', () => {
  const workspace = freshWorkspace()
  const problems: string[] = []
  let server: Server
  let browser: Browser
  let owner: Page
  let first: Page
  let second: Page

  const openPanels = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Panels' }).click()
    await page.getByRole('heading', { name: 'Panels' }).waitFor()
  }

  beforeAll(async () => {
    addRater(workspace, 'Coordinator', '--owner')
    server = await startServer(['--accounts', '--workspace', workspace, studyFolder()])
    browser = await launchChromium()
    owner = await visitor(browser, problems)
    first = await visitor(browser, problems)
    second = await visitor(browser, problems)
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  test('adds readers and makes a panel with a target, labels and instructions', async () => {
    await owner.goto(server.url)
    await signIn(owner, server.origin, 'Coordinator')
    await owner
      .getByText(PHOTOGRAPHS[0] ?? '')
      .first()
      .waitFor({ timeout: 60_000 })
    await openPanels(owner)
    for (const name of ['Reader 1', 'Reader 2']) {
      await owner.getByLabel('Name of the rater').fill(name)
      await owner.getByLabel('Password of the rater').fill(PASSWORD)
      await owner.getByRole('button', { name: 'Add the rater' }).click()
      await owner.getByRole('checkbox', { name }).check()
    }
    for (const name of PHOTOGRAPHS) await owner.getByRole('checkbox', { name: new RegExp(name) }).check()
    await owner.getByLabel('Name of the panel').fill('Optic discs')
    await owner.getByLabel('Target structure').fill('Optic disc, along the scleral ring')
    await owner.getByLabel('Labels, one a line').fill('Optic disc\nOptic cup')
    await owner
      .getByLabel('Instructions', { exact: true })
      .fill('Outline the disc along the inner edge of the ring.\nLeave vessels that cross it inside.')
    await shoot(owner, 'coordinator-new-panel')
    await owner.getByRole('button', { name: 'Make the panel' }).click()
    await owner.getByRole('heading', { name: 'Optic discs' }).waitFor()
    await shoot(owner, 'coordinator-panel')
    expect(await accessibilityViolations(owner)).toEqual([])
  })

  test('gives a reader a password that lets in once, to choose another one', async () => {
    await signInFirst(first, server.origin, 'Reader 1')
    await first.getByRole('button', { name: 'Sign out' }).waitFor()
    await owner.getByRole('button', { name: /^Reader 1/ }).click()
    await owner.getByRole('button', { name: 'New password' }).click()
    await owner.getByRole('button', { name: 'Make a new password' }).click()
    const given = await owner.locator('.given code').innerText()
    await shoot(owner, 'coordinator-password')
    await owner.getByRole('button', { name: 'Done' }).click()
    expect((await ask(first, 'panels')).code).toBe('signed-out')

    await first.reload()
    await signIn(first, server.origin, 'Reader 1', given)
    await first.getByRole('heading', { name: 'Choose your own password' }).waitFor()
    expect((await ask(first, 'panels')).code).toBe('signed-out')
    await first.getByLabel('Password that you were given').fill(given)
    await first.getByLabel('New password, 8 or more').fill('the words of reader 1')
    await first.getByLabel('New password, again').fill('the words of reader 1')
    await shoot(first, 'reader-first-password')
    expect(await accessibilityViolations(first)).toEqual([])
    await first.getByRole('button', { name: 'Set the password' }).click()
    await first.getByRole('button', { name: 'Sign out' }).waitFor()
    await first
      .getByText(PHOTOGRAPHS[0] ?? '')
      .first()
      .waitFor()
  })

  test('whose reader is told what to do, and goes from case to case', async () => {
    await openPanels(first)
    await first.getByText('Outline the disc along').waitFor()
    await shoot(first, 'reader-panel')
    await first.getByRole('button', { name: 'Read', exact: true }).last().click()
    for (const place of [1, 2, 3]) {
      const section = first.getByRole('region', { name: 'Panel' })
      await section.getByText(`case ${place} of 3`).waitFor()
      if (place === 1) {
        await section.getByText('Optic disc, Optic cup').waitFor()
        await first
          .getByRole('button', { name: 'Another structure' })
          .or(first.getByText('Draw, or add a structure'))
          .first()
          .waitFor()
      }
      await read(first, place === 3 ? 'nothing' : 'outlined')
      if (place === 1)
        await first.getByRole('region', { name: 'Structures' }).getByText('Optic disc').waitFor()
      if (place === 1) {
        // Where the panel's section is folded to a rail, its first words stand beside the image.
        await first.setViewportSize({ width: 1280, height: 800 })
        await first
          .getByRole('region', { name: 'What the panel asks' })
          .getByText('Outline the disc along')
          .waitFor()
        await shoot(first, 'reader-next-case')
      }
      // The next one is one key away.
      if (place === 3) continue
      await first.getByRole('button', { name: 'Next case' }).waitFor()
      await first.keyboard.press('Enter')
    }
    await first.getByText('That was the last case of the panel.').waitFor()
    await shoot(first, 'reader-last-case')
    expect(await accessibilityViolations(first)).toEqual([])
  })

  test('whose reader goes on to the same image again, and is not told that, nor how many are left', async () => {
    await owner.getByLabel('Name of the panel').fill('Twice')
    await owner.getByRole('checkbox', { name: new RegExp(PHOTOGRAPHS[0] ?? '') }).check()
    await owner.getByRole('checkbox', { name: 'Reader 2' }).uncheck()
    await owner.getByLabel(/Cases that come a second time/).fill('100')
    await owner.getByRole('button', { name: 'Make the panel' }).click()
    await owner.getByRole('heading', { name: 'Twice' }).waitFor()
    await openPanels(first)
    await first.getByRole('button', { name: /Twice/ }).click()
    await first.getByRole('heading', { name: 'Twice' }).waitFor()
    await first.getByRole('button', { name: 'Read', exact: true }).last().click()
    const section = first.getByRole('region', { name: 'Panel' })
    for (const place of [1, 2]) {
      await section.getByText(`case ${place}`, { exact: true }).waitFor()
      await read(first, 'nothing')
      if (place === 1) await first.getByRole('button', { name: 'Next case' }).click()
    }
    await first.getByText('That was the last case of the panel.').waitFor()
    await section.getByText('case 2 of 2').waitFor()
    await owner.getByRole('button', { name: /^Optic discs/ }).click()
    await owner.getByRole('heading', { name: 'Optic discs' }).waitFor()
  })

  test('sees who has read what and how far they agree, and saves the panel in one ZIP', async () => {
    await signInFirst(second, server.origin, 'Reader 2')
    await openPanels(second)
    await second.getByText('blind until all have committed').first().waitFor()
    await second.getByRole('button', { name: 'Read', exact: true }).last().click()
    for (const place of [1, 2]) {
      await second.getByText(`case ${place} of 3`).first().waitFor()
      await read(second, 'outlined')
      await second.getByRole('button', { name: 'Next case' }).click()
    }
    await second.getByText('case 3 of 3').first().waitFor()
    await openPanels(owner)
    await owner.getByRole('button', { name: 'Look again' }).click()
    await owner.getByText('5 of 6').waitFor()
    await owner.getByText('in progress', { exact: true }).waitFor()
    await owner.getByRole('button', { name: 'Count it' }).click()
    await owner.getByText('Reader 1 – Reader 2').waitFor({ timeout: 60_000 })
    await owner.getByRole('heading', { name: 'Progress' }).scrollIntoViewIfNeeded()
    await shoot(owner, 'coordinator-progress')
    await owner.getByRole('checkbox', { name: 'COCO' }).check()
    const waits = owner.waitForEvent('download', { timeout: 60_000 })
    await owner.getByRole('button', { name: 'Save the panel as a ZIP' }).click()
    const download = await waits
    const zip = join(mkdtempSync(join(tmpdir(), 'margin-panel-')), 'panel.zip')
    await download.saveAs(zip)
    const unpacked = unzipSync(readFileSync(zip))
    const files = Object.keys(unpacked)
    const answers = new TextDecoder().decode(unpacked['answers.csv'])
    for (const name of PHOTOGRAPHS) expect(answers).toContain(name)
    expect(files).toEqual(
      expect.arrayContaining(['panel.json', 'answers.csv', 'agreement.json', 'pairs.csv']),
    )
    expect(files.filter((path) => path.endsWith('.coco.json'))).toHaveLength(5)
    await owner.getByText('re-read and found equal').waitFor()
    // The command line gives the same bytes.
    const again = join(mkdtempSync(join(tmpdir(), 'margin-panel-')), 'again.zip')
    const formats = ['--format', 'png,coco', '--out', again]
    margin('export', studyFolder(), '--panel', 'Optic discs', ...formats, '--workspace', workspace)
    expect(Buffer.compare(readFileSync(again), readFileSync(zip))).toBe(0)
    const told: unknown = JSON.parse(margin('panels', 'progress', 'Optic discs', '--workspace', workspace))
    expect(told).toMatchObject({ readers: [{ committed: 3 }, { committed: 2 }] })
    await owner.getByRole('heading', { name: 'Export the panel' }).scrollIntoViewIfNeeded()
    await shoot(owner, 'coordinator-export')
    expect(await accessibilityViolations(owner)).toEqual([])
  })

  test('whose reader changes the own password in the middle of a case, and goes on', async () => {
    await second.getByRole('button', { name: 'Reader 2' }).click()
    const sheet = second.getByRole('dialog')
    await sheet.getByLabel('Current password').fill('not this one')
    await sheet.getByLabel('New password, 8 or more').fill('the words of reader 2')
    await sheet.getByLabel('New password, again').fill('the words of reader 2')
    await sheet.getByRole('button', { name: 'Set the password' }).click()
    await sheet.getByText('The current password is not right.').waitFor()
    await shoot(second, 'reader-own-password')
    expect(await accessibilityViolations(second)).toEqual([])
    await sheet.getByLabel('Current password').fill(OWN_PASSWORD)
    await sheet.getByRole('button', { name: 'Set the password' }).click()
    await sheet.waitFor({ state: 'detached' })
    await second.getByText('case 3 of 3').first().waitFor()
    expect((await ask(second, 'panels')).status).toBe(200)
  })

  test('closes the panel: the reader who is still at it is told, and what was committed is shown', async () => {
    await openPanels(owner)
    await owner.getByRole('button', { name: 'Edit or close' }).click()
    await owner.getByLabel('New name of the panel').fill('Optic discs, first round')
    // Readings stand that were made for the target and the labels.
    await owner.getByText('Fixed since the first commit').waitFor()
    for (const name of ['Target structure', 'Labels, one a line'])
      expect(await owner.getByLabel(name).first().isDisabled()).toBe(true)
    expect(await owner.getByLabel('Instructions', { exact: true }).first().isEnabled()).toBe(true)
    await shoot(owner, 'coordinator-edit')
    await owner.getByRole('button', { name: 'Save' }).click()
    await owner.getByRole('heading', { name: 'Optic discs, first round' }).waitFor()
    await owner.getByRole('button', { name: 'Edit or close' }).click()
    await owner.getByRole('button', { name: 'Close the panel' }).click()
    await owner.getByRole('button', { name: /for good/ }).click()
    await owner.getByText(/closed \d/).waitFor()

    await second.getByRole('region', { name: 'Answer' }).getByText('Nothing here', { exact: true }).click()
    await second.keyboard.press('Control+Enter')
    await second.getByText(/This panel is closed: nothing of it is committed any more/).waitFor()
    await shoot(second, 'reader-closed')
    await openPanels(second)
    await second.getByText('the panel is closed').first().waitFor()
    await second.getByText('draft, kept').waitFor()
    // What was refused of a case is no trouble of the list.
    expect(await second.getByText(/was not committed/).count()).toBe(0)
    await shoot(second, 'reader-panel-closed')
    expect(await accessibilityViolations(second)).toEqual([])
  })

  test('retires a reader, and the log of it all is whole', async () => {
    await owner.getByRole('button', { name: /^Reader 2/ }).click()
    await owner.getByRole('button', { name: 'Retire', exact: true }).click()
    await owner.getByRole('button', { name: 'Retire Reader 2' }).click()
    await owner.getByText(/retired · in exports/).waitFor()
    await owner.getByText('2 of 3, retired').waitFor()
    expect((await ask(second, 'panels')).code).toBe('signed-out')
    await shoot(owner, 'coordinator-retired')
    expect((await ask(owner, 'audit/verify')).text).toContain('"whole":true')
    expect(problems).toEqual([])
  })
})
