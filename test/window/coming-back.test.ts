import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshWorkspace } from '../e2e/visit/launch'
import { openWindow } from '../e2e/visit/window'
import type { Window } from '../e2e/visit/window'

/** A part of the program that dies takes down what it was doing, not the work. */

interface Part {
  readonly pid: number
  readonly type: string
  readonly name?: string
  readonly serviceName?: string
}
/** The inspector may lose an answer while parts of the program die ("promise was garbage collected"): asked again, then. */
async function parts(opened: Window, triesLeft = 3): Promise<readonly Part[]> {
  try {
    return await opened.application.evaluate(({ app }) => app.getAppMetrics())
  } catch (error) {
    if (triesLeft === 0 || !String(error).includes('garbage collected')) throw error
    return parts(opened, triesLeft - 1)
  }
}

test('models, pictures, graphics, page: each is killed, and the case is there again', async () => {
  const opened = await openWindow({
    paths: [],
    demo: true,
    environment: { MARGIN_WORKSPACE: freshWorkspace() },
  })
  const { application, page } = opened
  const draw = async (): Promise<void> => {
    await page.getByText('Nodule 1').first().click({ timeout: 120_000 })
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  }
  const pidOf = async (wanted: (part: Part) => boolean): Promise<number> =>
    (await parts(opened)).find(wanted)?.pid ?? 0
  await draw()

  for (const name of ['Margin models', 'Margin pictures']) {
    const pid = await pidOf((part) => part.name === name)
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => pidOf((part) => part.pid === pid)).toBe(0)
  }
  await page.reload()
  await draw()
  expect(await pidOf((part) => part.name === 'Margin models')).toBeGreaterThan(0)

  // The driver loses its page here, so the window is asked itself.
  // A page that is killed while it is asked never answers: after a second it is asked again.
  const text = (): Promise<string> =>
    application.evaluate(({ BrowserWindow }) => {
      const page = BrowserWindow.getAllWindows()[0]?.webContents
      const late = new Promise<string>((settle) => {
        setTimeout(settle, 1000, '')
      })
      if (page === undefined) return late
      return Promise.race([page.executeJavaScript('document.body.innerText') as Promise<string>, late])
    })
  for (const type of ['GPU', 'Tab']) {
    const pid = await pidOf((part) => part.type === type)
    process.kill(pid, 'SIGKILL')
    await expect
      .poll(() => pidOf((part) => part.type === type && part.pid !== pid), { timeout: 20_000 })
      .toBeGreaterThan(0)
    await expect.poll(text, { timeout: 30_000 }).toMatch(/Nodule 1/)
  }
  expect(await opened.close()).toBe(0)
})

test('a page that ends again and again is given up with a word, not opened for ever', async () => {
  const opened = await openWindow({
    paths: [],
    demo: false,
    environment: { MARGIN_WORKSPACE: freshWorkspace() },
  })
  await opened.page.getByText('Open the built-in case').first().waitFor()
  const gone = once(opened.application.process(), 'exit')
  const told = join(mkdtempSync(join(tmpdir(), 'margin-told-')), 'words')
  await opened.application.evaluate(({ dialog }, path) => {
    dialog.showErrorBox = (title) => {
      process.getBuiltinModule('node:fs').writeFileSync(path, title)
    }
  }, told)
  const shown = async (): Promise<Part | undefined> =>
    (await parts(opened)).find((part) => part.type === 'Tab')
  for (let kill = 0; kill < 4; kill += 1) {
    await expect.poll(shown, { timeout: 20_000 }).toBeDefined()
    const pid = (await shown())?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    const isOver = async (): Promise<boolean> => existsSync(told) || ((await shown())?.pid ?? pid) !== pid
    await expect.poll(isOver, { timeout: 20_000 }).toBe(true)
  }
  await gone
  expect(readFileSync(told, 'utf8')).toBe('The page of Margin ends again and again')
})

/** libvips and the toolkit of the window each bring a GLib: in one process they break each other. */
test.skipIf(process.platform !== 'linux')('the process of the window decodes no pictures', async () => {
  const opened = await openWindow({
    paths: [],
    demo: true,
    environment: { MARGIN_WORKSPACE: freshWorkspace() },
  })
  await opened.page.getByText('Nodule 1').first().waitFor({ timeout: 120_000 })
  const loaded = (pid: number): string => readFileSync(`/proc/${pid}/maps`, 'utf8')
  expect(loaded(opened.application.process().pid ?? 0)).not.toMatch(/libvips|onnxruntime/)
  const pictures = (await parts(opened)).find((part) => part.name === 'Margin pictures')
  expect(loaded(pictures?.pid ?? 0)).toMatch(/libvips/)
  expect(opened.words()).not.toMatch(/GLib-GObject|CRITICAL/)
  await opened.close()
})
