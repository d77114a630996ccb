/** Which door the end-to-end scenarios (test/e2e/NAME.test.ts) come in by; a test holds the lists to the folder. */

/** Through the browser and through the window. */
export const bothDoors = ['smoke', 'built-in-case', 'read-lidc', 'read-fundus', 'annotate', 'training']

/** Through the browser alone, and why. @type {Readonly<Record<string, string>>} */
export const browserOnly = {
  'two-raters': 'accounts have no window',
  coordinator: 'accounts have no window',
  'waiting-stroke': 'accounts have no window',
  private: 'it traces the programs without a window; test/window/confined traces the window',
  models: 'the same page and routes, and minutes more',
  'compare-photograph': 'the same page and routes, and minutes more',
  'later-readings': 'the same page and routes, and minutes more',
  'leave-drawing': 'the same page and routes, and minutes more',
  restarted: 'it kills the program under an open page; the window goes with its program',
  'black-photograph': 'the same page and routes, and minutes more',
  'imported-readings': 'the same page and routes, and minutes more',
  'whole-lesion': 'the same page and routes, and minutes more',
  measure: 'the same page and routes, and minutes more',
  'reading-day': 'it gives files as a browser does; the window opens them where they lie',
  planes: 'the same page, worker and routes',
  'set-up-python': 'the same page and routes',
  archive: 'the same page and routes, beside a real archive',
  'slice-numbers': 'the same page and routes, and minutes more',
  'inverse-grey': 'the same page and routes',
  'photograph-folder': 'the same page and routes, and minutes more',
  'lost-workspace': 'the same page and routes, and minutes more',
  places: 'the same page and routes, and minutes more',
  hands: 'the same page and routes, and minutes more',
  'kinds-of-outlines': 'it changes the answers to the page on their way',
}

/** @returns {string} what the summary of the tests says */
export function doorWords() {
  const reasons = [...new Set(Object.values(browserOnly))].map((reason) => {
    const names = Object.keys(browserOnly).filter((name) => browserOnly[name] === reason)
    return `${names.join(', ')} (${reason})`
  })
  return `  through both: ${bothDoors.join(', ')}\n  through the browser alone: ${reasons.join('; ')}\n`
}
