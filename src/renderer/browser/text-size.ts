const USUAL_PX = 16

/** How much larger than usual the person wants text, by the setting of the system or the browser: 1.25 for 20 px. */
export const textScale = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_PX || 1
