import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const css = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
const colourOf = (token: string): string => {
  const found = new RegExp(`--${token}: (#[0-9a-f]{6});`).exec(css('tokens.css'))?.[1]
  if (found === undefined) throw new Error(`no colour --${token}`)
  return found
}

/** Relative luminance of a colour (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}

it('the scrollbar of a panel can be seen on it (WCAG 1.4.11: three to one)', () => {
  const thumb = /scrollbar-color: var\(--([a-z0-9]+)\) transparent/.exec(css('base.css'))?.[1] ?? ''
  for (const panel of ['g1', 'g2'])
    expect(contrast(colourOf(thumb), colourOf(panel))).toBeGreaterThanOrEqual(3)
})
