import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { builtProgram } from '../../built'

/** People who sign in, each in a browser context of their own. */

export const PASSWORD = 'a long password'

/** Runs a command that is given the password on its standard input, where it asks for one; what it prints. */
export function margin(...args: readonly string[]): string {
  const cli = join(builtProgram(), 'main', 'cli.js')
  const ran = spawnSync(process.execPath, [cli, ...args], { input: PASSWORD, encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`margin ${args.join(' ')}: ${ran.stderr}`)
  return ran.stdout
}

/** `margin raters add`. */
export function addRater(workspace: string, name: string, ...more: readonly string[]): void {
  margin('raters', 'add', name, ...more, '--workspace', workspace)
}

/** A page of another person; exceptions of it are added to `problems`. */
export async function visitor(browser: Browser, problems: string[]): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`))
  return page
}

/** What a person chooses who was given `PASSWORD`. */
export const OWN_PASSWORD = 'a password of my own'

/** Signs a person in for the first time, with the password that the owner typed, and chooses another one. */
export async function signInFirst(page: Page, origin: string, name: string): Promise<void> {
  await signIn(page, origin, name)
  await page.getByLabel('Password that you were given').fill(PASSWORD)
  await page.getByLabel('New password, 8 or more').fill(OWN_PASSWORD)
  await page.getByLabel('New password, again').fill(OWN_PASSWORD)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByRole('heading', { name: 'Choose your own password' }).waitFor({ state: 'detached' })
}

/** Signs a person in who has the right password; the page may ask for another one first. */
export async function signIn(page: Page, origin: string, name: string, password = PASSWORD): Promise<void> {
  await page.goto(`${origin}/`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}
