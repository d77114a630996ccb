/** A piece of a model's card. Only text comes out: no markup of a card ever reaches the page as markup. */
export type CardBlock =
  | { readonly kind: 'heading' | 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly lines: readonly string[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
    }

/** Reads the little Markdown that cards use: headings, lists, tables, paragraphs; emphasis and code marks are dropped. */
export function cardBlocks(markdown: string): readonly CardBlock[] {
  return markdown
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(#{1,6} .*)$/gm, '\n$1\n')
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map(blockOf)
}

function blockOf(block: string): CardBlock {
  const lines = block.split('\n').map((line) => line.trim())
  const [first = ''] = lines
  if (/^#{1,6} /.test(first)) return { kind: 'heading', text: plain(first.replace(/^#+ /, '')) }
  if (lines.length > 2 && lines.every((line) => line.startsWith('|'))) {
    const [head = [], , ...rows] = lines.map(cellsOf)
    return { kind: 'table', head, rows }
  }
  if (/^([-*]|\d+\.) /.test(first)) return { kind: 'list', lines: joinedEntries(lines) }
  return { kind: 'paragraph', text: plain(lines.join(' ')) }
}

const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => plain(cell.trim()))

/** A list entry may run over several lines. */
function joinedEntries(lines: readonly string[]): readonly string[] {
  const entries: string[] = []
  for (const line of lines) {
    const entry = /^(?:[-*]|\d+\.) (.*)$/.exec(line)?.[1]
    if (entry !== undefined || entries.length === 0) entries.push(entry ?? line)
    else entries[entries.length - 1] = `${entries.at(-1) ?? ''} ${line}`
  }
  return entries.map(plain)
}

const plain = (text: string): string =>
  text
    .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll(/(^|\s)[*_]([^*_]+)[*_](?=\s|[.,;:]|$)/g, '$1$2')
    .replaceAll('`', '')
