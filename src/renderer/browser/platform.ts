/** Whether keys are called by a Mac's names. */
export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Puts text on the clipboard; false where the browser does not let the page. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
