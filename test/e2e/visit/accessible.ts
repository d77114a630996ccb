import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'

const axe = join(resolve(import.meta.dirname, '..', '..', '..'), 'node_modules', 'axe-core', 'axe.min.js')

/** Rules of WCAG 2.2 A and AA that the page breaks, each with the first place; empty when it breaks none. */
export async function accessibilityViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axe, 'utf8'))
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run: (
          context: Document,
          options: unknown,
        ) => Promise<{ violations: { id: string; help: string; nodes: { target: string[] }[] }[] }>
      }
    }
    const { violations } = await checker.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    })
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0]?.target.join(' ') ?? ''})`)
  })
}
