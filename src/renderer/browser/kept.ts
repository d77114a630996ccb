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

/** What this window keeps until it is closed, by name: it outlives a reload and nothing else. */
export function keptForVisit(name: string): string | null {
  try {
    return window.sessionStorage.getItem(`margin.${name}`)
  } catch {
    return null
  }
}

/** Set once another person comes: what the page still does before it is loaded anew is kept no more. */
let isForgotten = false

/** Forgets what was kept of this visit: it is not for whoever reads here next. */
export function forgetVisit(): void {
  isForgotten = true
  try {
    for (const name of Object.keys(window.sessionStorage))
      if (name.startsWith('margin.')) window.sessionStorage.removeItem(name)
  } catch {
    // Nothing could be kept, so there is nothing to forget.
  }
}

export function keepForVisit(name: string, text: string): void {
  if (isForgotten) return
  try {
    window.sessionStorage.setItem(`margin.${name}`, text)
  } catch {
    // It still holds until the page is loaded anew.
  }
}
