import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AuditEntry, ScanResult } from '../../src/contract'
import { builtProgram } from '../built'
import { absent, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { freshWorkspace, type Visit, visit } from './visit/launch'

const FOLDER = 'field/28-mask-name-not-passed'
const missing = absent(FOLDER)
if (missing !== null) console.log(`imported-readings skips: ${missing}`)

const ct = join(testDataDir, FOLDER, 'ct')
const mask = join(testDataDir, FOLDER, 'slice-3.png')
const margin = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [join(builtProgram(), 'main', 'cli.js'), ...args], { encoding: 'utf8' })

describe.skipIf(missing !== null)('a reading from a file', () => {
  const workspace = freshWorkspace()
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({ args: [ct], environment: { MARGIN_WORKSPACE: workspace } })
  })
  afterAll(async () => {
    await visited.close()
  })

  test('says whose it is, comes in once, and is withdrawn for good', async () => {
    const { page, origin } = visited
    const { series } = ScanResult.parse(JSON.parse(margin('scan', ct)))
    await page.getByText('BUG-01').first().waitFor()
    await page.goto(`${origin}/#/compare/series/${series[0]?.seriesUid ?? ''}`)
    const file = page.getByLabel('File with readings')
    await page.getByLabel('Format of the file').selectOption('png')
    await file.setInputFiles(mask)
    const readings = page.getByRole('region', { name: 'Readings', exact: true })
    await readings.getByText('from a file, brought in by you').waitFor()
    await page.getByText(/placed by the number in the name, counted along the normal/).waitFor()

    await file.setInputFiles(mask)
    await page.getByText(/pixel for pixel, the reading of File slice-3/).waitFor()
    expect(await readings.getByText('from a file').count()).toBe(1)
    await visited.shoot('imported-reading')
    expect(await accessibilityViolations(page)).toEqual([])

    await readings.getByRole('button', { name: 'Withdraw File slice-3' }).click()
    await page.getByText('Nobody has read this case yet.').waitFor()
    await page.reload()
    await page.getByText('Nobody has read this case yet.').waitFor()
    expect(visited.problems).toEqual([])
  })

  test('stays in the log, and the command line leaves nobody behind', async () => {
    await visited.close()
    // One entry a line; the last line says how many.
    const lines = margin('audit', '--workspace', workspace).trim().split('\n').slice(0, -1)
    const entries = lines.map((line) => AuditEntry.parse(JSON.parse(line)))
    const acts = entries.map(({ act }) => act).filter((act) => act.endsWith('import'))
    expect(acts).toEqual(['import', 'withdraw-import'])
    const empty = freshWorkspace()
    const cli = join(builtProgram(), 'main', 'cli.js')
    const asked = spawnSync(process.execPath, [cli, 'agree', ct, '--workspace', empty], { encoding: 'utf8' })
    expect([asked.status, asked.stderr]).toEqual([
      1,
      expect.stringContaining('Nobody has read anything in this workspace.'),
    ])
    expect(margin('raters', '--workspace', empty)).not.toContain('"You"')
  })
})
