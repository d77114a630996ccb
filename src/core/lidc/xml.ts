/**
 * A strict reader for the XML that reading services write: elements and text. No document type, no entities beyond
 * the five of XML 1.0 and character numbers, no processing beyond well-formedness. Attributes are checked for their
 * quotes and left out; prefixes of names are dropped. Size, depth and count are limited, since files come from anywhere.
 */
import { accept, refuse, type Result } from '../../contract'

export interface XmlElement {
  /** Without a prefix. */
  readonly name: string
  /** Text directly inside, trimmed. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** The largest file of the LIDC collection has 3 MB. */
const MAX_XML_BYTES = 64 * 1024 * 1024
const MAX_DEPTH = 64
const MAX_ELEMENTS = 4_000_000

/** An element of the LIDC files has none to three. */
const MAX_ATTRIBUTES = 1_000

/** Of a tag that opens, its name alone: what follows is as long as a file likes, which no one expression bears. */
const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)(?=[\s/>])|([^<]+)/y
/** What a tag holds up to the next quote or its end. */
const UNQUOTED = /[^<>"']*/y

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

interface OpenElement {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

class XmlDamage extends Error {}

function decode(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  const declared = /^[^<]*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1] ?? 'utf-8'
  const first = bytes[0] ?? 0
  const second = bytes[1] ?? 0
  const label =
    first === 0xfe && second === 0xff ? 'utf-16be' : first === 0xff && second === 0xfe ? 'utf-16le' : declared
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    throw new XmlDamage(`the text is not ${label}`)
  }
}

function entity(name: string): string {
  if (name.startsWith('#')) {
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    if (Number.isInteger(code) && code > 0 && code <= 0x10ffff) return String.fromCodePoint(code)
  }
  const letter = ENTITIES.get(name)
  if (letter === undefined) throw new XmlDamage(`the entity &${name.slice(0, 40)}; is not known`)
  return letter
}

const unescapeText = (text: string): string =>
  text.includes('&') ? text.replace(/&([^;&\s]{0,40});?/g, (_match, name: string) => entity(name)) : text

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
const close = (open: OpenElement): XmlElement => ({
  name: open.name,
  text: open.text.trim(),
  children: open.children,
})

/** Builds the tree from tokens in order. The bottom of the stack stands for the document itself. */
class TreeBuilder {
  private readonly stack: OpenElement[] = [{ name: '', children: [], text: '' }]
  private elementCount = 0

  private top(): OpenElement {
    const open = this.stack.at(-1)
    if (open === undefined) throw new XmlDamage('an element is closed that was never opened')
    return open
  }

  open(name: string, selfClosing: boolean): void {
    this.elementCount += 1
    if (this.elementCount > MAX_ELEMENTS) throw new XmlDamage(`there are more than ${MAX_ELEMENTS} elements`)
    if (this.stack.length > MAX_DEPTH) throw new XmlDamage(`elements lie more than ${MAX_DEPTH} deep`)
    if (this.stack.length === 1 && this.top().children.length > 0)
      throw new XmlDamage('a second root element follows')
    this.stack.push({ name: localName(name), children: [], text: '' })
    if (selfClosing) this.close(name)
  }

  close(name: string): void {
    const open = this.top()
    if (this.stack.length === 1 || open.name !== localName(name)) {
      throw new XmlDamage(`</${name.slice(0, 40)}> closes <${open.name.slice(0, 40)}>`)
    }
    this.stack.pop()
    this.top().children.push(close(open))
  }

  text(text: string): void {
    if (this.stack.length > 1) this.top().text += text
    else if (text.trim() !== '') throw new XmlDamage('text stands outside the root element')
  }

  finish(): XmlElement {
    const open = this.top()
    if (this.stack.length > 1) throw new XmlDamage(`the file ends inside <${open.name.slice(0, 40)}>`)
    const root = open.children[0]
    if (root === undefined) throw new XmlDamage('there is no element')
    return root
  }
}

/** Where a tag ends whose name ends at `from`; null: it is damaged. */
function endOfTag(
  text: string,
  from: number,
  name: string,
): { readonly end: number; readonly closes: boolean } | null {
  let at = from
  for (let attributes = 0; attributes <= MAX_ATTRIBUTES; attributes += 1) {
    const unquoted = new RegExp(UNQUOTED)
    unquoted.lastIndex = at
    unquoted.exec(text)
    at = unquoted.lastIndex
    const mark = text[at]
    if (mark === '>') {
      const closes = text[at - 1] === '/'
      // A stroke right behind the name belongs to the end of the tag and to nothing else.
      return text[from] === '/' && !(closes && at - 1 === from) ? null : { end: at + 1, closes }
    }
    if (mark !== '"' && mark !== "'") return null
    const quoted = text.indexOf(mark, at + 1)
    if (quoted < 0 || text.slice(at + 1, quoted).includes('<')) return null
    at = quoted + 1
  }
  throw new XmlDamage(`<${name.slice(0, 40)}> has more than ${MAX_ATTRIBUTES} attributes`)
}

function build(text: string): XmlElement {
  const tree = new TreeBuilder()
  const token = new RegExp(TOKEN)
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const match = token.exec(text)
    const name = match?.[3]
    const tag = name === undefined ? undefined : endOfTag(text, token.lastIndex, name)
    if (match === null || tag === null) {
      const what = text.startsWith('<!', at) ? 'a document type or declaration' : 'a damaged tag'
      throw new XmlDamage(`${what} stands at character ${at}`)
    }
    const [, literal, closing, , plain] = match
    if (plain !== undefined) tree.text(unescapeText(plain))
    else if (name !== undefined && tag !== undefined) {
      tree.open(name, tag.closes)
      token.lastIndex = tag.end
    } else if (closing !== undefined) tree.close(closing)
    else if (literal !== undefined) tree.text(literal)
  }
  return tree.finish()
}

/** The root element of an XML file. Refused as `annotation-damaged`: what is not well formed, too large or has a DTD. */
export function parseXml(bytes: Uint8Array): Result<XmlElement> {
  if (bytes.length > MAX_XML_BYTES) {
    return refuse(
      'limit-reached',
      `The XML file has ${bytes.length} bytes; ${MAX_XML_BYTES} are read at most.`,
    )
  }
  try {
    const text = decode(bytes)
    return accept(build(text.startsWith('\uFEFF') ? text.slice(1) : text))
  } catch (error) {
    if (!(error instanceof XmlDamage)) throw error
    return refuse('annotation-damaged', `The XML cannot be read: ${error.message}.`, {
      next: 'Get the file anew from its source.',
    })
  }
}

/** The first child of that name. */
export const childOf = (parent: XmlElement, name: string): XmlElement | null =>
  parent.children.find((child) => child.name === name) ?? null

/** All children of that name, in file order. */
export const childrenOf = (parent: XmlElement, name: string): readonly XmlElement[] =>
  parent.children.filter((child) => child.name === name)

/** Text of the first child of that name, empty where there is none. */
export const textOf = (parent: XmlElement, name: string): string => childOf(parent, name)?.text ?? ''
