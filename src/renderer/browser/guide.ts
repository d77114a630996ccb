/** The guide's pages come with the program (scripts/guide.js); they open beside the page, always in the same place. */
export function openGuide(page: 'index' | 'licences'): void {
  window.open(`guide/${page}.html`, 'margin-guide')
}
