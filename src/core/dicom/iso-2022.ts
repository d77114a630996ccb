/**
 * Character sets that are switched inside a text by escape sequences (ISO 2022; PS3.3 C.12.1.1.2, PS3.5 6.1.2.4 and
 * 6.1.2.5): one set for bytes below 128 (G0), one for those above (G1), both set back where a value, a component or
 * a line ends. The tables are those of the platform's decoder.
 */

/** How the bytes of a set are read once they are the bytes of the platform's encoding. */
interface CodedSet {
  readonly label: string
  /** Put before each character: JIS X 0212 is behind a shift in EUC. */
  readonly shift: number | null
  /** Bytes of a character. */
  readonly width: 1 | 2
}

const single = (label: string): CodedSet => ({ label, shift: null, width: 1 })
const double = (label: string, shift: number | null = null): CodedSet => ({ label, shift, width: 2 })

const ASCII = single('windows-1252')
const LATIN_1 = single('windows-1252')
const KATAKANA = single('shift_jis')

/** Escape sequences behind the escape itself: which half they set, and to what. */
const escapes: Readonly<Record<string, readonly ['low' | 'high', CodedSet]>> = {
  '(B': ['low', ASCII],
  '(J': ['low', ASCII],
  ')I': ['high', KATAKANA],
  '-A': ['high', LATIN_1],
  '-B': ['high', single('iso-8859-2')],
  '-C': ['high', single('iso-8859-3')],
  '-D': ['high', single('iso-8859-4')],
  '-L': ['high', single('iso-8859-5')],
  '-G': ['high', single('iso-8859-6')],
  '-F': ['high', single('iso-8859-7')],
  '-H': ['high', single('iso-8859-8')],
  '-M': ['high', single('windows-1254')],
  '-b': ['high', single('iso-8859-15')],
  '-T': ['high', single('windows-874')],
  $B: ['low', double('euc-jp')],
  '$(D': ['low', double('euc-jp', 0x8f)],
  '$)C': ['high', double('euc-kr')],
  '$)A': ['high', double('gb18030')],
}

const ESCAPE = 0x1b
/** What sets both halves back: the end of a line, a value, a component group or a component. */
const RESETS = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x5c, 0x5e, 0x3d])

/** The escape sequence at `at`, without the escape; null for one that the standard does not have. */
function sequenceAt(bytes: Uint8Array, at: number): string | null {
  const letters = String.fromCharCode(...bytes.subarray(at + 1, at + 4))
  return [letters.slice(0, 2), letters].find((sequence) => Object.hasOwn(escapes, sequence)) ?? null
}

/** The first run of bytes of one half, from `at` on. */
function runEnd(bytes: Uint8Array, at: number, isHigh: boolean, width: 1 | 2): number {
  let end = at
  while (end < bytes.length) {
    const byte = bytes[end] ?? 0
    const isStop = byte === ESCAPE || byte >= 0x80 !== isHigh || (width === 1 && RESETS.has(byte))
    if (isStop) break
    end += width
  }
  return Math.min(end, bytes.length)
}

/** One run in its set. Characters of two bytes in the lower half are those of EUC with their high bits taken off. */
function readRun(run: Uint8Array, { label, shift, width }: CodedSet): string {
  const decoder = new TextDecoder(label)
  if (width === 1) return decoder.decode(run)
  const lifted = Uint8Array.from(run, (byte) => byte | 0x80)
  if (shift === null) return decoder.decode(lifted)
  const shifted: number[] = []
  for (let at = 0; at < lifted.length; at += 2) shifted.push(shift, lifted[at] ?? 0, lifted[at + 1] ?? 0)
  return decoder.decode(Uint8Array.from(shifted))
}

/** Reads a text with escape sequences; `high` is the set of the upper half where none was switched on. */
export function readSwitched(bytes: Uint8Array, initialHigh: string): string {
  const start = { low: ASCII, high: single(initialHigh) }
  let { low, high } = start
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte === ESCAPE) {
      const sequence = sequenceAt(bytes, at)
      const set = sequence === null ? undefined : escapes[sequence]
      if (set?.[0] === 'low') [, low] = set
      else if (set !== undefined) [, high] = set
      else text += '\ufffd'
      at += 1 + (sequence?.length ?? 0)
      continue
    }
    if (byte < 0x80 && low.width === 1 && RESETS.has(byte)) {
      text += String.fromCharCode(byte)
      ;({ low, high } = start)
      at += 1
      continue
    }
    const isHigh = byte >= 0x80
    const set = isHigh ? high : low
    const end = runEnd(bytes, at, isHigh, set.width)
    text += readRun(bytes.subarray(at, end), set)
    at = end
  }
  return text
}
