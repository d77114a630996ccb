/**
 * Watches the lengths that the other side declares (PS3.8 9.3) before the library that reads them keeps what comes: it
 * would wait for four gigabytes that a header promises.
 */

/** We ask for 256 KiB at most; nobody needs more for the beginning of an association. */
const MOST_PDU_BYTES = 1_048_576
const HEAD_BYTES = 6
/** Type 4: data. Behind its head stand a length, a context, and a byte of which bit 0 says that a command follows. */
const P_DATA = 4
const COMMAND_HEAD_BYTES = 12
const MOST_COMMAND_BYTES = 1_048_576

/** Given bytes as they come; a string says what is wrong with them. */
export type PduGuard = (bytes: Uint8Array) => string | null

export function pduGuard(): PduGuard {
  let head = Buffer.alloc(0)
  let toSkip = 0
  let commandBytes = 0
  /** One header, where enough of it is here: null waits for more. */
  const readHead = (): string | null | undefined => {
    if (head.length < HEAD_BYTES) return null
    const type = head.readUInt8(0)
    const length = head.readUInt32BE(2)
    if (type < 1 || type > 7) return 'something that is no DICOM'
    if (length > MOST_PDU_BYTES) return `a message that declares ${length} bytes`
    const isData = type === P_DATA && length >= COMMAND_HEAD_BYTES - HEAD_BYTES
    if (isData && head.length < COMMAND_HEAD_BYTES) return null
    commandBytes = isData && (head.readUInt8(COMMAND_HEAD_BYTES - 1) & 1) === 1 ? commandBytes + length : 0
    if (commandBytes > MOST_COMMAND_BYTES) return 'a command without an end'
    toSkip = HEAD_BYTES + length - head.length
    return undefined
  }
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      if (toSkip > 0) {
        const skipped = Math.min(toSkip, bytes.length - at)
        toSkip -= skipped
        at += skipped
        continue
      }
      const taken = Math.min(COMMAND_HEAD_BYTES - head.length, bytes.length - at)
      head = Buffer.concat([head, bytes.subarray(at, at + taken)])
      at += taken
      const said = readHead()
      if (typeof said === 'string') return said
      if (said === null) continue
      // A short message: what is behind it in the head belongs to the next one.
      if (toSkip < 0) at += toSkip
      toSkip = Math.max(0, toSkip)
      head = Buffer.alloc(0)
    }
    return null
  }
}
