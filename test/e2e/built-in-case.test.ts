import { expect, test } from 'vitest'
import { accessibilityViolations } from './visit/accessible'
import { visitForAll } from './visit/launch'

const visited = visitForAll()

test('the first screen offers the built-in case, and it opens', async () => {
  const { page } = visited
  await page.getByRole('button', { name: 'Open the built-in case' }).waitFor()
  await visited.shoot('library-empty')
  expect(await accessibilityViolations(page)).toEqual([])
  await page.getByRole('button', { name: 'Open the built-in case' }).click()
  await page.getByText('Nodule 1').first().waitFor({ timeout: 120_000 })
})

test('its nodule gets 100 samples, sizes in millimetres and a GED with four readers', async () => {
  const { page } = visited
  await page.getByText('Nodule 1').first().click()
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  const readers = await page.getByRole('region', { name: 'Readers' }).innerText()
  expect(Number(/GED[^\d]*\d\sreaders\s+(\d\.\d{3})/.exec(readers)?.[1])).toBeGreaterThan(0)
  expect(await page.getByRole('region', { name: 'Size' }).innerText()).toMatch(/\d+\.\d\s*mm/)
  await visited.shoot('read-built-in')
})

test('the library now shows the case, and nothing went wrong', async () => {
  const { page } = visited
  await page.getByRole('navigation', { name: 'Views' }).getByText('Library').click()
  await page.getByText('MARGIN-PHANTOM').first().waitFor()
  await visited.shoot('library')
  expect(visited.problems).toEqual([])
})
