import type { Page } from 'playwright-core'

/** The middle of the picture is no longer black: what is painted there is the chest. */
export async function firstImage(page: Page): Promise<void> {
  await page.getByText('LIDC-IDRI-0001').first().click()
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.cornerstone-canvas')
    const row = canvas?.getContext('2d')?.getImageData(0, canvas.height / 2, canvas.width, 1).data ?? []
    return row.some((value, at) => at % 4 !== 3 && value > 60)
  })
}
