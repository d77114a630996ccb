/** Text of DICOM elements. Character sets of PS3.3 C.12.1.1.2 by the decoder of the platform. */
import { readSwitched } from './iso-2022'

const labels: Readonly<Record<string, string>> = {
  '': 'windows-1252',
  'ISO_IR 6': 'windows-1252',
  'ISO_IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
}

/** How the text of one data set is read. */
export interface TextReader {
  readonly decode: (bytes: Uint8Array) => string
  /** The character set as the file names it, where it is not wholly supported; else null. */
  readonly unsupported: string | null
}

/**
 * Control characters, escape sequences and marks that turn the direction of writing round: they would let a name
 * in a file disguise itself on screen or talk to a terminal. The code points are C0, DEL, C1 and Unicode's bidi controls.
 */
function isControl(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  return (
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}

const PLAIN = /^[\x20-\x7e]*$/

/** Removes padding and what must not reach a screen. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text.trim()
  let clean = ''
  for (const letter of text) clean += isControl(letter.codePointAt(0) ?? 0) ? ' ' : letter
  return clean.trim()
}

/** Bytes that one call of `String.fromCharCode` takes as arguments without overflowing the stack. */
const AT_ONCE = 4096

/** Plain ASCII of bytes, for UIDs, numbers and code strings. */
export function ascii(bytes: Uint8Array): string {
  if (bytes.length <= AT_ONCE) return lettersOf(bytes)
  let text = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += lettersOf(bytes.subarray(at, at + AT_ONCE))
  return text
}

/** Not spread: that walks the bytes by their iterator, six times slower, for every value of every file. */
const lettersOf = (bytes: Uint8Array): string => String(Reflect.apply(String.fromCharCode, null, bytes))

/** Sets that only occur behind an escape sequence: Kanji, supplementary Kanji, Korean, simplified Chinese. */
const SWITCHED_ONLY = new Set(['ISO 2022 IR 87', 'ISO 2022 IR 159', 'ISO 2022 IR 149', 'ISO 2022 IR 58'])

const isKnownTerm = (term: string): boolean =>
  SWITCHED_ONLY.has(term.trim()) ||
  Object.hasOwn(
    labels,
    term
      .trim()
      .replace('ISO 2022 IR', 'ISO_IR')
      .replace(/^ISO-IR/, 'ISO_IR'),
  )

const decoders = new Map<string, InstanceType<typeof TextDecoder>>()

/** One for all texts of a character set: each text is decoded whole, so that none leaves anything behind. */
function decoderOf(label: string): InstanceType<typeof TextDecoder> {
  const decoder = decoders.get(label) ?? new TextDecoder(label)
  decoders.set(label, decoder)
  return decoder
}

/** Chooses the reader for the values of Specific Character Set. */
export function textReader(characterSets: readonly string[]): TextReader {
  const first = (characterSets[0] ?? '')
    .trim()
    .replace('ISO 2022 IR', 'ISO_IR')
    .replace(/^ISO-IR/, 'ISO_IR')
  const isSwitched = characterSets.length > 1 || (characterSets[0] ?? '').startsWith('ISO 2022')
  const label = Object.hasOwn(labels, first) ? labels[first] : undefined
  const decoder = decoderOf(label ?? 'windows-1252')
  const isKnown = label !== undefined && characterSets.every(isKnownTerm)
  return {
    decode: (bytes) =>
      cleanText(isSwitched ? readSwitched(bytes, label ?? 'windows-1252') : decoder.decode(bytes)),
    unsupported: isKnown ? null : characterSets.join('\\'),
  }
}
