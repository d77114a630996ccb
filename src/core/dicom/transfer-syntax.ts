/** How a data set is written, and how its pixels are packed. PS3.5 section 10 and annex A. */
export interface TransferSyntax {
  readonly uid: string
  readonly name: string
  readonly explicit: boolean
  readonly littleEndian: boolean
  readonly deflated: boolean
  /**
   * `native`: as they are; `encapsulated-native`: native frames in fragments; `deflated-frames`: likewise, each
   * deflated; `rle`: PS3.5 annex G; `stream`: JPEG and its kin, decoded by what each stream says of itself; null: no
   * decoder here.
   */
  readonly pixels: 'native' | 'encapsulated-native' | 'deflated-frames' | 'rle' | 'stream' | null
  /** Pixels in the other byte order than the data set. */
  readonly swapped: boolean
  readonly lossy: boolean
}

const plain = { explicit: true, littleEndian: true, deflated: false, swapped: false, lossy: false }
const packed = (name: string, lossy = false): Omit<TransferSyntax, 'uid'> => ({
  ...plain,
  name,
  lossy,
  pixels: 'stream',
})
const unread = (name: string): Omit<TransferSyntax, 'uid'> => ({ ...plain, name, lossy: true, pixels: null })

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2'
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1'
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2'

const table: Readonly<Record<string, Omit<TransferSyntax, 'uid'>>> = {
  [IMPLICIT_LITTLE]: { ...plain, name: 'Implicit VR Little Endian', explicit: false, pixels: 'native' },
  [EXPLICIT_LITTLE]: { ...plain, name: 'Explicit VR Little Endian', pixels: 'native' },
  '1.2.840.10008.1.2.1.98': {
    ...plain,
    name: 'Encapsulated Uncompressed Explicit VR Little Endian',
    pixels: 'encapsulated-native',
  },
  '1.2.840.10008.1.2.1.99': {
    ...plain,
    name: 'Deflated Explicit VR Little Endian',
    deflated: true,
    pixels: 'native',
  },
  [EXPLICIT_BIG]: { ...plain, name: 'Explicit VR Big Endian', littleEndian: false, pixels: 'native' },
  '1.2.840.10008.1.2.5': { ...plain, name: 'RLE Lossless', pixels: 'rle' },
  '1.2.840.113619.5.2': {
    ...plain,
    name: 'GE private: implicit VR with big-endian pixels',
    explicit: false,
    swapped: true,
    pixels: 'native',
  },
  '1.2.840.10008.1.2.4.50': packed('JPEG Baseline (8 bit)', true),
  '1.2.840.10008.1.2.4.51': packed('JPEG Extended (12 bit)', true),
  '1.2.840.10008.1.2.4.53': packed('JPEG Spectral Selection (retired)', true),
  '1.2.840.10008.1.2.4.55': packed('JPEG Full Progression (retired)', true),
  '1.2.840.10008.1.2.4.57': packed('JPEG Lossless'),
  '1.2.840.10008.1.2.4.70': packed('JPEG Lossless, first-order prediction'),
  '1.2.840.10008.1.2.4.80': packed('JPEG-LS Lossless'),
  '1.2.840.10008.1.2.4.81': packed('JPEG-LS Near-Lossless', true),
  '1.2.840.10008.1.2.4.90': packed('JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.91': packed('JPEG 2000', true),
  '1.2.840.10008.1.2.4.92': unread('JPEG 2000 Part 2 Multi-component Lossless'),
  '1.2.840.10008.1.2.4.93': unread('JPEG 2000 Part 2 Multi-component'),
  '1.2.840.10008.1.2.4.94': unread('JPIP Referenced'),
  '1.2.840.10008.1.2.4.95': unread('JPIP Referenced Deflate'),
  '1.2.840.10008.1.2.4.100': unread('MPEG-2 video, main level'),
  '1.2.840.10008.1.2.4.101': unread('MPEG-2 video, high level'),
  '1.2.840.10008.1.2.4.102': unread('MPEG-4 AVC/H.264 video'),
  '1.2.840.10008.1.2.4.103': unread('MPEG-4 AVC/H.264 video, Blu-ray'),
  '1.2.840.10008.1.2.4.104': unread('MPEG-4 AVC/H.264 video, 2D'),
  '1.2.840.10008.1.2.4.105': unread('MPEG-4 AVC/H.264 video, 3D'),
  '1.2.840.10008.1.2.4.106': unread('MPEG-4 AVC/H.264 video, stereo'),
  '1.2.840.10008.1.2.4.107': unread('HEVC/H.265 video'),
  '1.2.840.10008.1.2.4.108': unread('HEVC/H.265 video, 10 bit'),
  '1.2.840.10008.1.2.4.110': packed('JPEG XL Lossless'),
  '1.2.840.10008.1.2.4.111': packed('JPEG XL, recompressed JPEG', true),
  '1.2.840.10008.1.2.4.112': packed('JPEG XL', true),
  '1.2.840.10008.1.2.4.201': packed('High-Throughput JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.202': packed('High-Throughput JPEG 2000 Lossless, resolution first'),
  '1.2.840.10008.1.2.4.203': packed('High-Throughput JPEG 2000', true),
  '1.2.840.10008.1.2.8.1': { ...plain, name: 'Deflated Image Frame', pixels: 'deflated-frames' },
}

/** Every transfer syntax that is known here, whether its pixels can be decoded or not. */
export const TRANSFER_SYNTAX_UIDS: readonly string[] = Object.keys(table)

/** Looks a transfer syntax up; undefined for a UID that the standard does not have. */
export function transferSyntax(uid: string): TransferSyntax | undefined {
  const found = Object.hasOwn(table, uid) ? table[uid] : undefined
  return found === undefined ? undefined : { uid, ...found }
}

/** The next step for pixels that have no decoder here. */
export function nextStepOf({ name }: TransferSyntax): string {
  if (/^(MPEG|HEVC)/.test(name))
    return 'A film, no stack of images: play it in the viewer of the archive, or export single frames.'
  if (name.startsWith('JPIP')) return 'The pixels lie on a server: ask the archive for the image itself.'
  return 'Ask the archive for an uncompressed copy.'
}
