import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { madeUpTrainer } from '../fixtures/made-up-trainer'
import { trainingBy } from '../python'
import { accessibilityViolations } from './visit/accessible'
import { visitForAll } from './visit/launch'

/** Without a Python that trains, the page says what setting one up fetches, and does it when it is asked. */

const root = mkdtempSync(join(tmpdir(), 'margin-set-up-'))
const { directory, wheels } = madeUpTrainer(root)
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const visited = visitForAll(() => ({
  environment: {
    ...{ ...trainingBy(''), MARGIN_TRAINER: directory, XDG_DATA_HOME: join(root, 'data') },
    ...{ PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: '/dev/null' },
  },
}))

test('the trainer’s Python is set up from the page: nothing before the button, then progress, then it can train', async () => {
  const { page } = visited
  await page.getByRole('navigation', { name: 'Views' }).getByText('Train').click()
  const part = page.getByRole('region', { name: 'The Python that trains' })
  await part.getByText('Training needs its Python').waitFor({ timeout: 60_000 })
  expect(await part.innerText()).toMatch(/makes an environment in .*trainer-python\. It holds torch 1\.0/)
  expect(readdirSync(root).sort()).toEqual(['trainer', 'wheels'])
  expect(await accessibilityViolations(page)).toEqual([])
  for (const [width, name] of [
    [1280, 'set-up-python-1280'],
    [1920, 'set-up-python'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await visited.shoot(name)
  }
  await part.getByRole('button', { name: 'Set it up' }).click()
  await part.getByRole('progressbar').waitFor()
  await visited.shoot('set-up-python-progress')
  await part.getByRole('button', { name: 'Cancel' }).click()
  await part.getByRole('button', { name: 'Set it up' }).click()
  await part.waitFor({ state: 'detached', timeout: 120_000 })
  expect(
    readdirSync(join(root, 'data', 'margin')).filter((name) => name.startsWith('trainer-python')),
  ).toEqual(['trainer-python'])
  expect(visited.problems).toEqual([])
})
