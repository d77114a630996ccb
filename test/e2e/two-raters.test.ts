import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { python } from '../python'
import { skipsWithout } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { ask } from './visit/ask'
import { freshWorkspace, launchChromium, startServer } from './visit/launch'
import type { Server } from './visit/launch'
import { addRater, OWN_PASSWORD, PASSWORD, signIn, signInFirst, visitor } from './visit/raters'

const SERIES = '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192'
/** The nodule that four readers of LIDC-IDRI outlined: image index of its middle, and its slices from 1. */
const NODULE = { column: 317, row: 367 }
const MIDDLE_SLICE = 43
/** The outline is copied this many slices up and down. */
const COPIES = 3
const shots = resolve(import.meta.dirname, '..', '..', 'build', 'shots')
const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'two-raters')

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled' })
}

async function toSlice(page: Page, number: number): Promise<void> {
  const now = Number(await page.getByRole('slider', { name: 'Slice' }).getAttribute('aria-valuenow'))
  for (let step = 0; step < Math.abs(number - now); step += 1)
    await page.keyboard.press(now < number ? 'ArrowDown' : 'ArrowUp')
  await page.getByText(`slice ${number} / 133`).first().waitFor()
}

/** Where an image index lies on the screen while the whole picture is shown. */
async function onScreen(page: Page, column: number, row: number): Promise<{ x: number; y: number }> {
  const box = await page.locator('.stage').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const zoom = Math.min(box.width, box.height) / 512
  return {
    x: box.x + box.width / 2 + (column - 255.5) * zoom,
    y: box.y + box.height / 2 + (row - 255.5) * zoom,
  }
}

/** Paints a disc with the brush: rings from the middle outwards in one stroke. */
async function paintDisc(
  page: Page,
  centre: { column: number; row: number },
  radiusPx: number,
): Promise<void> {
  const at = await onScreen(page, centre.column, centre.row)
  await page.mouse.move(at.x, at.y)
  await page.mouse.down()
  for (let radius = 1; radius <= radiusPx; radius += 2) {
    for (let turn = 0; turn <= 12; turn += 1) {
      const angle = (turn * Math.PI) / 6
      const { x, y } = await onScreen(
        page,
        centre.column + radius * Math.cos(angle),
        centre.row + radius * Math.sin(angle),
      )
      await page.mouse.move(x, y)
    }
  }
  await page.mouse.up()
}

const run = {
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 90, ...NODULE, structureId: null },
  ...{ modelId: null, samples: 2, seed: 1 },
}

describe.skipIf(isSkipped)('two raters read LIDC-IDRI-0001 blind, then compare', () => {
  const workspace = freshWorkspace()
  const problems: string[] = []
  let server: Server
  let browser: Browser
  let owner: Page
  let first: Page
  let second: Page
  let annotationIds: readonly string[] = []
  let panelId = ''

  beforeAll(async () => {
    addRater(workspace, 'Owner', '--owner')
    addRater(workspace, 'Reader 1')
    server = await startServer(['--accounts', '--workspace', workspace, lidcSeries() ?? ''])
    browser = await launchChromium()
    owner = await visitor(browser, problems)
    first = await visitor(browser, problems)
    second = await visitor(browser, problems)
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  test('a wrong password is told in place, and not what was wrong', async () => {
    await owner.goto(server.url)
    await owner.getByLabel('Name').fill('Owner')
    await owner.getByLabel('Password').fill('not the password')
    await owner.getByRole('button', { name: 'Sign in' }).click()
    await owner.getByRole('alert').waitFor()
    expect(await owner.getByRole('alert').innerText()).toMatch(/name or the password/)
    expect((await ask(owner, 'library')).code).toBe('signed-out')
    await shoot(owner, 'sign-in')
    expect(await accessibilityViolations(owner)).toEqual([])
    // Wrong passwords are answered ever more slowly.
    await owner.waitForTimeout(2000)
    await signIn(owner, server.origin, 'Owner')
  })

  test('what the start command named is open for a reader before the owner came, who is offered nothing else', async () => {
    await signIn(first, server.origin, 'Reader 1')
    await first.getByText('LIDC-IDRI-0001').first().waitFor({ timeout: 60_000 })
    await first.getByText('Its owner opens them for all.').waitFor()
    for (const name of ['Open folder', 'Open files', 'Open the built-in case'])
      expect(await first.getByRole('button', { name }).count()).toBe(0)
    await shoot(first, 'library-reader')
    expect(await accessibilityViolations(first)).toEqual([])
    expect((await ask(first, 'scans', { paths: [] })).code).toBe('not-allowed')
  })

  test('the owner brings readings in, adds a rater and makes a blind panel', async () => {
    await owner.getByText('LIDC-IDRI-0001').first().waitFor()
    const library = await ask(owner, 'library')
    annotationIds = [...library.text.matchAll(/"annotationId":"([^"]+)"/g)].map(([, id]) => id ?? '')
    expect((await ask(owner, 'readings', { annotationIds })).status).toBe(200)
    await owner.getByRole('button', { name: 'Panels' }).click()
    await owner.getByLabel('Name of the rater').fill('Reader 2')
    await owner.getByLabel('Password of the rater').fill(PASSWORD)
    await owner.getByRole('button', { name: 'Add the rater' }).click()
    await owner.getByRole('checkbox', { name: 'Reader 2' }).check()
    await owner.getByRole('checkbox', { name: 'Reader 1' }).check()
    await owner.getByRole('checkbox', { name: /LIDC-IDRI-0001/ }).check()
    await owner.getByLabel('Name of the panel').fill('Nodule panel')
    await shoot(owner, 'panels-owner')
    await owner.getByRole('button', { name: 'Make the panel' }).click()
    await owner.getByText('not yours to read').waitFor()
    expect(await accessibilityViolations(owner)).toEqual([])
    panelId = /"panelId":"([^"]+)"/.exec((await ask(owner, 'panels')).text)?.[1] ?? ''
  })

  test('each reads blind: the model, readings, peers and figures are withheld by the program', async () => {
    for (const [page, name, centre, radiusPx] of [
      [first, 'Reader 1', NODULE, 12],
      [second, 'Reader 2', { column: NODULE.column + 3, row: NODULE.row - 1 }, 14],
    ] as const) {
      if (page === second) await signInFirst(page, server.origin, name)
      await page.getByRole('button', { name: 'Panels' }).click()
      await page.getByText('blind until all have committed').waitFor()
      if (page === first) await shoot(page, 'panels-reader')
      if (page === first) {
        await page.getByRole('button', { name: 'Read', exact: true }).last().click()
      } else {
        // Looked at first: the model is a lock with the way on, and nothing is said of readings that are withheld.
        await page.getByRole('button', { name: 'Library', exact: true }).click()
        await page.getByRole('button', { name: /^LIDC-IDRI-0001/ }).click()
        const locked = page.getByRole('region', { name: 'The model is withheld' })
        await locked.getByText('A blind panel asks for your own reading of this image first.').waitFor()
        expect(await page.getByText('None was found beside it').count()).toBe(0)
        expect(await page.getByRole('alert').count()).toBe(0)
        await shoot(page, 'read-withheld')
        expect(await accessibilityViolations(page)).toEqual([])
        await locked.getByRole('button', { name: 'Read blind' }).click()
      }
      await page.getByRole('heading', { name: 'Blind reading' }).waitFor()
      const promise =
        'Model and other readings are shown when you have committed your reading, and all other readers theirs of this image.'
      await page.getByRole('region', { name: 'What is withheld' }).getByText(promise).waitFor()
      expect(page.url()).toContain(`panel=${panelId}`)
      await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
      for (const [path, body] of [
        ['runs', run],
        ['readings', { annotationIds }],
        [`readings?seriesUid=${SERIES}`, undefined],
        [`comparisons?seriesUid=${SERIES}&consensus=staple`, undefined],
      ] as const)
        expect(await ask(page, path, body)).toMatchObject({ code: 'blind' })
      expect((await ask(page, 'library')).text).not.toContain('.xml')
      expect((await ask(page, `panels/${panelId}/agreement`)).text).toMatch(/"cases":0/)
      expect(await page.getByRole('button', { name: 'Compare' }).first().isDisabled()).toBe(true)

      await page.keyboard.press('d')
      await toSlice(page, MIDDLE_SLICE)
      await paintDisc(page, centre, radiusPx)
      for (let copy = 0; copy < COPIES; copy += 1) {
        await toSlice(page, MIDDLE_SLICE + copy)
        await page.keyboard.press('n')
      }
      for (let copy = 0; copy < COPIES; copy += 1) {
        await toSlice(page, MIDDLE_SLICE - copy)
        await page.keyboard.press('Shift+N')
      }
      await page.getByText('saving …').waitFor({ state: 'detached', timeout: 20_000 })
      await expect
        .poll(() => page.getByRole('region', { name: 'Structures' }).innerText())
        .toMatch(/7.slices/)
      if (page === first) await shoot(page, 'two-raters-blind')
      await page.keyboard.press('Control+Enter')
      await page.getByText(/Committed at .* first attempt, blind/).waitFor()
      // Who is first waits for the other.
      if (page === first) {
        const commit = page.getByRole('region', { name: 'Commit' })
        await commit.getByText('Model and other readings are shown when all have.').waitFor()
        for (const name of ['Compare', /attempt/])
          expect(await commit.getByRole('button', { name }).count()).toBe(0)
        expect((await ask(page, `comparisons?seriesUid=${SERIES}`)).code).toBe('blind')
        await page.goto(`${server.origin}/#/compare/series/${SERIES}`)
        await page.getByText('The readings of this case are not shown yet').waitFor()
        await shoot(page, 'compare-locked')
      }
    }
  })

  test('a second attempt is asked about, starts from nothing, and leaves the case of the panel as committed', async () => {
    const commit = second.getByRole('region', { name: 'Commit' })
    const rail = second.locator('nav[aria-label="Left panel"]')
    expect(await rail.textContent()).toMatch(/Blind/)
    await commit.getByRole('button', { name: 'Add a second attempt' }).click()
    await commit.getByText('What you committed stays the reading that the panel lists.').waitFor()
    await shoot(second, 'second-attempt-asked')
    expect(await accessibilityViolations(second)).toEqual([])
    await commit.getByRole('button', { name: 'Begin a second attempt' }).click()
    await second.getByRole('heading', { name: 'Open reading' }).waitFor({ state: 'attached' })
    await second.getByRole('region', { name: 'Structures' }).getByText('0 outlined').waitFor()
    expect(await second.getByRole('region', { name: 'Start from' }).count()).toBe(0)
    expect(await rail.textContent()).not.toMatch(/Blind/)
    await shoot(second, 'second-attempt')
    await second.getByRole('button', { name: 'Panels' }).click()
    const row = second.getByRole('row', { name: /^1\s/ })
    await row.getByText('revealed').waitFor()
    await row.getByRole('button', { name: 'Compare' }).waitFor()
    await shoot(second, 'panels-revealed')
  })

  test('after the reveal the figures stand, and J steps through what differs', async () => {
    await second.goto(`${server.origin}/#/compare/series/${SERIES}`)
    const agreement = second.getByRole('region', { name: 'You and the others' })
    await agreement.getByText('Peer 1').waitFor({ timeout: 60_000 })
    const peer = await agreement.locator('[data-reading="Peer 1"] [data-figure=dice]').innerText()
    const dice = Number(/^0\.\d\d/.exec(peer)?.[0])
    expect(dice).toBeGreaterThan(0.6)
    expect(dice).toBeLessThan(1)
    // The discs were drawn where the four readers of the file outlined: nothing is mirrored on the way.
    for (const letter of ['A', 'B', 'C', 'D'])
      expect(
        Number.parseFloat(
          await agreement.locator(`[data-reading="Reader ${letter}"] [data-figure=dice]`).innerText(),
        ),
      ).toBeGreaterThan(0.5)
    expect(await agreement.locator('[data-figure=counts]').innerText()).toMatch(/6\sreadings: 6 outlined/)
    await second
      .getByRole('region', { name: 'Panel' })
      .getByText(/1 finished case|1\sfinished case/)
      .waitFor()
    const list = second.getByRole('region', { name: 'Where you differ' })
    const count = await list.getByRole('button').count()
    expect(count).toBeGreaterThan(1)
    await second.keyboard.press('j')
    await second.getByText(`Difference 1 of ${count}`).waitFor()
    await second.keyboard.press('j')
    await second.getByText(`Difference 2 of ${count}`).waitFor()
    await second.keyboard.press('Shift+J')
    await second.getByText(`Difference 1 of ${count}`).waitFor()
    await second.waitForLoadState('networkidle')
    await shoot(second, 'compare')
    expect(await accessibilityViolations(second)).toEqual([])
  })

  test('a consensus is drawn by majority and by STAPLE, its inputs named', async () => {
    const consensus = second.getByRole('region', { name: 'Consensus' })
    for (const method of ['Majority', 'STAPLE']) {
      await consensus.getByText(method, { exact: true }).click()
      await consensus.getByText(method === 'Majority' ? /more than half of 6/ : /rounds/).waitFor()
      const inputs = await consensus.locator('[data-figure=inputs]').innerText()
      expect(inputs).toBe('From You, Peer 1, Reader A, Reader B, Reader C, Reader D.')
      await shoot(second, `compare-${method.toLowerCase()}`)
    }
    await second.getByRole('checkbox', { name: /^Model/ }).check()
    await second
      .getByText(/100\ssamples.*seed/)
      .first()
      .waitFor({ timeout: 120_000 })
    await shoot(second, 'compare-bands')
    await second.getByRole('checkbox', { name: /^Model/ }).uncheck()
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await second.setViewportSize({ width, height })
      await second.waitForLoadState('networkidle')
      await shoot(second, `compare-${width}`)
    }
    await second.setViewportSize({ width: 1440, height: 900 })
  })

  test('one SEG a reader is exported: others read it, and it comes back equal', async () => {
    const handed = second.getByRole('region', { name: 'Export' })
    const waits = second.waitForEvent('download', { timeout: 60_000 })
    await second.getByRole('region', { name: 'Consensus' }).getByText('None', { exact: true }).click()
    await handed.getByRole('button', { name: 'Save a ZIP' }).click()
    const download = await waits
    await handed.getByText('re-read and found equal').waitFor()
    const folder = mkdtempSync(join(tmpdir(), 'margin-seg-'))
    const zip = join(folder, 'readings.zip')
    await download.saveAs(zip)
    const read = spawnSync(
      python,
      [fileURLToPath(new URL('visit/read_segs.py', import.meta.url)), zip, folder],
      {
        encoding: 'utf8',
      },
    )
    expect(read.stderr).toBe('')
    const segs = JSON.parse(read.stdout) as { file: string; frames: number; pixels: number; name: string }[]
    expect(segs.length).toBe(6)
    for (const { frames, pixels } of segs) {
      expect(frames).toBeGreaterThan(5)
      expect(pixels).toBeGreaterThan(1000)
    }
    // No name leaves the workspace.
    for (const name of ['Reader 1', 'Reader 2', 'Owner'])
      expect(segs.map((one) => one.name).join(' ')).not.toContain(name)
    for (const { file } of segs) {
      const checked = spawnSync('dciodvfy', ['-new', file], { encoding: 'utf8' })
      if (checked.error === undefined) expect(checked.stderr).not.toMatch(/^Error/m)
    }

    // What a reader drew comes back into the same workspace: it is known, pixel for pixel, and does not count twice.
    const own = segs.find(({ frames }) => frames === 7)
    if (own === undefined) throw new Error('no SEG has the seven slices that a rater drew')
    const pairs = second.getByRole('region', { name: 'You and the others' }).locator('[data-reading]')
    const before = await pairs.count()
    const entrance = second.getByRole('region', { name: 'Bring in a file' })
    await entrance.getByLabel('File with readings').setInputFiles(own.file)
    await entrance.getByText(/pixel for pixel, the reading of (?:You|Peer 1)/).waitFor({ timeout: 60_000 })
    expect(await pairs.count()).toBe(before)
    await shoot(second, 'compare-brought-back')
  })

  test('a program that goes away is said to be away, and its page comes back by itself and asks who reads', async () => {
    const { port } = new URL(server.origin)
    await server.stop()
    await second.getByRole('button', { name: 'Panels' }).click()
    await second.getByText('The program did not answer (panels).').first().waitFor()
    await shoot(second, 'no-answer')
    server = await startServer(['--accounts', '--port', port, '--workspace', workspace, lidcSeries() ?? ''])
    await second.getByLabel('Name').fill('Reader 2', { timeout: 20_000 })
    await second.getByLabel('Password').fill('not the password')
    await second.getByRole('button', { name: 'Sign in' }).click()
    await second.getByRole('alert').waitFor()
    // What was wrong is over once another is typed.
    await second.getByLabel('Password').fill(OWN_PASSWORD)
    expect(await second.getByRole('alert').count()).toBe(0)
    await second.getByRole('button', { name: 'Sign in' }).click()
    await second.getByRole('region', { name: 'Nodule panel' }).waitFor({ timeout: 20_000 })
    expect(await second.getByText('did not answer').count()).toBe(0)
    expect(await second.getByRole('button', { name: /What needs you/ }).count()).toBe(0)
    // A page that is loaded anew asks before anything else, and then is where its address says.
    await first.goto(`${server.origin}/#/panels`)
    await first.reload()
    await first.getByLabel('Name').fill('Reader 1')
    await first.getByLabel('Password').fill(PASSWORD)
    await first.getByRole('button', { name: 'Sign in' }).click()
    await first.getByRole('region', { name: 'Nodule panel' }).waitFor({ timeout: 20_000 })
    expect(await first.getByRole('alert').count()).toBe(0)
    await signIn(owner, server.origin, 'Owner')
  })

  test('the page of each went without an error, and the log of the workspace is whole', async () => {
    expect(problems).toEqual([])
    expect((await ask(owner, 'audit/verify')).text).toContain('"whole":true')
    await first.getByRole('button', { name: 'Sign out' }).click()
    await first.getByRole('button', { name: 'Sign in' }).waitFor()
    expect((await ask(first, 'panels')).code).toBe('signed-out')
  })
})
