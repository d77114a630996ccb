import type { Page } from 'playwright-core'

/**
 * Words of the page that nobody can read as it is laid out now: off the screen, or cut off in a place that neither scrolls
 * nor says so by an ellipsis; figures under the pointer that are not whole. What stands for a screen reader alone is left out.
 */
export const outOfSight = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found = new Set<string>()
    if (document.documentElement.scrollWidth > window.innerWidth)
      found.add(`the page is ${document.documentElement.scrollWidth} px wide`)
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const words = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent?.trim() ?? '')
        .join(' ')
        .trim()
      const box = element.getBoundingClientRect()
      const style = getComputedStyle(element)
      if (words === '' || box.width === 0 || style.visibility === 'hidden' || style.clipPath !== 'none')
        continue
      if (element.closest('.heard, option, svg') !== null) continue
      if (box.right > window.innerWidth + 1 || box.left < -1) found.add(`off the screen: ${words}`)
      const isLabel = element.closest('.rail, .tabs, nav, .tool-bar') !== null
      if (isLabel && element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible')
        found.add(`cut off: ${words}`)
      const frame = element.closest<HTMLElement>('.field, .right, .left')?.getBoundingClientRect()
      if (frame !== undefined && (box.right > frame.right + 1 || box.left < frame.left - 1))
        found.add(`beyond its panel: ${words}`)
    }
    // The value under the pointer is read off: each figure is whole or gone, and the value itself is never gone.
    for (const [at, figure] of document.querySelectorAll<HTMLElement>('.probe .figure').entries()) {
      const line = figure.parentElement?.getBoundingClientRect() ?? new DOMRect()
      const box = figure.getBoundingClientRect()
      const isGone = line.width === 0 || box.top >= line.bottom || box.bottom <= line.top
      const isWhole = box.left >= line.left && box.right <= line.right && box.bottom <= line.bottom + 1
      if (isGone ? at === 0 : !isWhole) found.add(`${isGone ? 'gone' : 'cut off'}: ${figure.innerText}`)
    }
    return [...found]
  })
