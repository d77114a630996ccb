/** A page that nobody looks at paints nothing: it goes on after as long. */
const UNSEEN_MS = 500

/** Ends once what was changed until now is on the screen: its frame is the one before the next. */
export function painted(): Promise<void> {
  return new Promise((shown) => {
    setTimeout(shown, UNSEEN_MS)
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        shown()
      })
    })
  })
}

/** As cornerstone-core says it of its element. */
const PICTURE_SHOWN = 'cornerstoneimagerendered'
/** No picture need come. */
const NO_PICTURE_MS = 2_000

/** Ends with the next picture of a case that is drawn, or when none has come for long. */
export function pictureShown(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(limit)
      document.removeEventListener(PICTURE_SHOWN, end, true)
      resolve()
    }
    const limit = setTimeout(end, NO_PICTURE_MS)
    document.addEventListener(PICTURE_SHOWN, end, true)
  })
}
