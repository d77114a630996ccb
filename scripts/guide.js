import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Marked } from 'marked'
import sharp from 'sharp'

/**
 * The guide as plain pages, for a computer without a connection: docs/guide/*.md, its pictures made small, and a page of
 * contents. Made by the build, put beside the page of the program.
 */

/** In the order of the contents; a page that is not listed here stops the build. */
const order = [
  'installing',
  'opening',
  'archive',
  'reading-a-ct',
  'planes',
  'measuring',
  'keys',
  'reading-a-photograph',
  'drawing',
  'comparing',
  'exports',
  'growth',
  'receiving',
  'models',
  'training',
  'command-line',
  'privacy',
]
/** Wide enough for the page's column on a fine screen. */
const PICTURE_WIDTH_PX = 1400

const style = `:root { color-scheme: dark; }
body { max-width: 760px; margin: 0 auto; padding: 28px 24px 64px; background: #14171b; color: #e8eaed;
  font: 15px/1.55 system-ui, sans-serif; }
a { color: #a99cff; }
h1 { font-size: 24px; line-height: 1.25; } h2 { font-size: 17px; margin-top: 32px; }
img { max-width: 100%; height: auto; border: 1px solid #2a2f36; border-radius: 6px; }
code, pre { font: 13px/1.5 ui-monospace, monospace; background: #1d2127; border-radius: 4px; }
code { padding: 1px 4px; } pre { padding: 12px; overflow: auto; white-space: pre-wrap; } pre code { padding: 0; }
table { border-collapse: collapse; width: 100%; } th, td { padding: 6px 12px 6px 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid #2a2f36; }
nav { margin-bottom: 24px; color: #9aa3ad; }
`

/** @param {string} text @returns {string} */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** @param {string} title @param {string} body @returns {string} */
const page = (title, body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><link rel="stylesheet" href="guide.css"></head><body><nav><a href="index.html">Contents</a></nav>${body}</body></html>\n`

/** As GitHub names headings. @param {string} text @returns {string} */
const anchor = (text) =>
  text
    .toLowerCase()
    .replace(/<[^>]*>|[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

/** Pages lead to each other; what lies elsewhere is named, since nothing of it comes along. */
const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${anchor(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      const own = /^([a-z-]+)\.md(#.*)?$/.exec(href)
      if (own !== null) return `<a href="${own[1]}.html${own[2] ?? ''}">${text}</a>`
      if (href.startsWith('#')) return `<a href="${href}">${text}</a>`
      return /^https?:/.test(href) ? `${text} (${escaped(href)})` : text
    },
    image({ href, text }) {
      return `<img src="${href.replace(/^pictures\/(.*)\.png$/, '$1.webp')}" alt="${escaped(text)}">`
    },
  },
})

/** @param {string} root @returns {Promise<readonly { readonly name: string, readonly bytes: string | Uint8Array }[]>} */
export async function guideFiles(root) {
  const folder = join(root, 'docs', 'guide')
  const found = readdirSync(folder).filter((name) => name.endsWith('.md'))
  const missing = found.filter((name) => !order.includes(name.replace(/\.md$/, '')))
  if (missing.length > 0) throw new Error(`scripts/guide.js has no place for ${missing.join(', ')}`)
  const texts = order
    .filter((name) => existsSync(join(folder, `${name}.md`)))
    .map((name) => ({ name, text: readFileSync(join(folder, `${name}.md`), 'utf8') }))
  const titled = texts.map(({ name, text }) => ({ name, text, title: /^# (.*)$/m.exec(text)?.[1] ?? name }))
  const contents = titled.map(({ name, title }) => `<li><a href="${name}.html">${escaped(title)}</a></li>`)
  const pictures = readdirSync(join(folder, 'pictures')).filter((name) => name.endsWith('.png'))
  return [
    { name: 'guide.css', bytes: style },
    { name: 'index.html', bytes: page('Guide', `<h1>Guide</h1><ol>${contents.join('')}</ol>`) },
    ...titled.map(({ name, text, title }) => ({
      name: `${name}.html`,
      bytes: page(title, /** @type {string} */ (marked.parse(text))),
    })),
    ...(await Promise.all(pictures.map((name) => smallPicture(join(folder, 'pictures'), name)))),
  ]
}

/** @param {string} folder @param {string} name */
const smallPicture = async (folder, name) => ({
  name: name.replace(/\.png$/, '.webp'),
  bytes: await sharp(join(folder, name))
    .resize({ width: PICTURE_WIDTH_PX, withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer(),
})

/**
 * @param {readonly import('./packaging/shipped-packages.js').Shipped[]} packages
 * @returns {string} the page of licences
 */
export function licencePage(packages) {
  const rows = packages.map(
    ({ name, version, licence, text }) =>
      `<details><summary>${escaped(`${name} ${version}, ${licence}`)}</summary><pre>${escaped(text)}</pre></details>`,
  )
  const first =
    '<h1>Licences</h1><p>Margin is Apache-2.0. It is made with the packages below; the window is Electron (MIT) with Chromium, whose own licences lie beside the program in LICENSES.chromium.html.</p>'
  return page('Licences', `${first}${rows.join('\n')}`)
}
