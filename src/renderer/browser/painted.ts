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
