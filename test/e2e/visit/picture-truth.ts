import type { Page } from 'playwright-core'

/** How well what is on screen follows the stored pixels, each way round: correlation of greys at a grid of points. */
export interface PictureTruth {
  readonly asStored: number
  readonly mirrored: number
  readonly upsideDown: number
}

/**
 * Compares the drawn picture with the stored values of the slice, at a grid of points of the fitted image. The
 * picture is fitted and centred when a series opens, so image index (column, row) lies at a known canvas point.
 */
export function pictureTruth(page: Page, seriesUid: string, sliceIndex: number): Promise<PictureTruth> {
  return page.evaluate(
    async ([uid, index]) => {
      const answer = await fetch(`/api/series/${uid}/slices/${index}`)
      const described = JSON.parse(answer.headers.get('margin-pixels') ?? '{}') as {
        widthPx: number
        heightPx: number
        slope: number
        intercept: number
      }
      const stored = new Int16Array(await answer.arrayBuffer())
      const canvas = document.querySelector<HTMLCanvasElement>('canvas.cornerstone-canvas')
      const context = canvas?.getContext('2d')
      if (canvas === null || context === null || context === undefined)
        throw new Error('no picture on screen')
      const { widthPx, heightPx } = described
      const scale = Math.min(canvas.width / widthPx, canvas.height / heightPx)
      const drawn = context.getImageData(0, 0, canvas.width, canvas.height).data
      const greyAt = (column: number, row: number): number => {
        const x = Math.round(canvas.width / 2 + (column + 0.5 - widthPx / 2) * scale - 0.5)
        const y = Math.round(canvas.height / 2 + (row + 0.5 - heightPx / 2) * scale - 0.5)
        return drawn[4 * (y * canvas.width + x)] ?? 0
      }
      const valueAt = (column: number, row: number): number =>
        Math.min(
          200,
          Math.max(-1350, (stored[row * widthPx + column] ?? 0) * described.slope + described.intercept),
        )
      const correlation = (place: (column: number, row: number) => [number, number]): number => {
        const pairs: [number, number][] = []
        for (let row = 20; row < heightPx - 20; row += 9)
          for (let column = 20; column < widthPx - 20; column += 9)
            pairs.push([greyAt(column, row), valueAt(...place(column, row))])
        const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length
        const [meanGrey, meanValue] = [mean(0), mean(1)]
        let both = 0
        let greys = 0
        let values = 0
        for (const [grey, value] of pairs) {
          both += (grey - meanGrey) * (value - meanValue)
          greys += (grey - meanGrey) ** 2
          values += (value - meanValue) ** 2
        }
        return both / Math.sqrt(greys * values)
      }
      return {
        asStored: correlation((column, row) => [column, row]),
        mirrored: correlation((column, row) => [widthPx - 1 - column, row]),
        upsideDown: correlation((column, row) => [column, heightPx - 1 - row]),
      }
    },
    [seriesUid, String(sliceIndex)] as const,
  )
}
