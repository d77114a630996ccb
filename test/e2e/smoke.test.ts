import { expect, test } from 'vitest'
import { visitForAll } from './visit/launch'

const visited = visitForAll()

test('the printed address opens the page under a clean address', async () => {
  expect(visited.page.url().split('#')[0]).toBe(`${visited.origin}/`)
  expect(await visited.page.title()).toBe('Margin')
  await visited.page.getByText('Margin').first().waitFor()
})

test('nothing went wrong: no error, no policy violation, no request to anywhere else', async () => {
  await visited.page.waitForLoadState('networkidle')
  await visited.shoot('smoke')
  expect(visited.problems).toEqual([])
})

test('the page cannot be scripted from outside its own files', async () => {
  const ran = await visited.page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.injected = true'
    document.head.append(script)
    return 'injected' in window
  })
  expect(ran).toBe(false)
})
