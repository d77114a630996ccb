/** What this browser keeps between visits, by name; null where it keeps nothing, or nothing was kept. */
export function keptText(name: string): string | null {
  try {
    return window.localStorage.getItem(`margin.${name}`)
  } catch {
    return null
  }
}

/** Keeps a text between visits. Where the browser keeps nothing it holds until the page is closed. */
export function keepText(name: string, text: string): void {
  try {
    window.localStorage.setItem(`margin.${name}`, text)
  } catch {
    // The choice still holds on this page: nothing is lost that was promised.
  }
}
