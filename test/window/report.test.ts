import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { holdsDemoCase, writeDemoCase } from '../../src/main/demo/write-demo-case'
import { builtProgram } from '../built'
import { copiedBy } from '../e2e/visit/copied'
import { visitWindow } from '../e2e/visit/launch'

/** The series of the built-in case, opened as a person's own: a command line can name it. */
async function chestSeries(): Promise<string> {
  const shipped = join(builtProgram(), 'case')
  const folder = (await holdsDemoCase(shipped)) ? shipped : mkdtempSync(join(tmpdir(), 'margin-case-'))
  return (await writeDemoCase(folder, new AbortController().signal)).seriesFolder
}

const filesBelow = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  )

/** Of the chest's slices, and where its nodule lies on the one that is shown first. */
const SIZE_PX = 512
const NODULE = { column: 137.5, row: 256.5 }

/** The window holds a toolkit that libvips must not meet, so that its figures come from a process of their own. */
test('report and figures of the window are those that the copied command writes, to the byte', async () => {
  const { visited, application } = await visitWindow({ args: [await chestSeries()] })
  const { page } = visited
  await page.getByText('MARGIN-PHANTOM').first().click()
  await page.getByText('slice 20 / 40').waitFor()
  await page.waitForLoadState('networkidle')
  const box = await page.locator('.field').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const sidePx = Math.min(box.width, box.height)
  const at = (nodule: number, lengthPx: number): number => lengthPx / 2 + sidePx * (nodule / SIZE_PX - 0.5)
  await page.mouse.click(box.x + at(NODULE.column, box.width), box.y + at(NODULE.row, box.height))
  const lesion = page.getByRole('region', { name: 'Whole lesion' })
  await expect.poll(() => lesion.innerText(), { timeout: 120_000 }).toMatch(/\d+\sslices, \d+ to \d+/)

  const side = page.getByRole('region', { name: 'Export' })
  await side.getByRole('button', { name: 'Choose what goes out' }).click()
  for (const name of ['Figure (PNG)', 'Figure (SVG)']) await side.getByLabel(name).check()
  const given = await visited.download(() => side.getByRole('button', { name: 'Save a ZIP' }).click())
  await side.getByText('was written, re-read and found equal').waitFor()
  await side.scrollIntoViewIfNeeded()
  await visited.shoot('report-saved')
  const command = await copiedBy(page, 'Copy the command')
  const loaded = readFileSync(`/proc/${application.process().pid ?? 0}/maps`, 'utf8')
  await visited.close()

  const folder = mkdtempSync(join(tmpdir(), 'margin-report-'))
  const cli = join(builtProgram(), 'main', 'cli.js')
  execFileSync('sh', ['-c', command.replace(/^(npx )?margin /, `'${process.execPath}' '${cli}' `)], {
    cwd: folder,
    stdio: 'ignore',
  })
  const written = filesBelow(join(folder, 'margin-export', 'export'))
  const saved = Object.entries(unzipSync(readFileSync(given.path)))
  expect(saved.map(([path]) => path).toSorted()).toEqual([...written.keys()].toSorted())
  expect(saved.map(([path]) => path.replace(/.*\./, '')).toSorted()).toEqual(['pdf', 'png', 'svg'])
  for (const [path, bytes] of saved) expect(written.get(path)?.equals(bytes), path).toBe(true)
  expect(loaded).not.toMatch(/libvips|onnxruntime/)
  expect(visited.problems).toEqual([])
})
