import type { Refusal, RefusalCode } from '../../contract'

/** What went wrong between us and an archive, as it is thrown inside of one call and told at its end. */
export class PacsFailure extends Error {
  readonly refusal: Refusal
  constructor(code: RefusalCode, reason: string, next: string) {
    super(reason)
    this.refusal = { code, reason, next }
  }
}

const ASK_OWNER = 'Ask whoever runs the archive.'
const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no way leads to that computer',
  ENETUNREACH: 'there is no network that leads there',
  ENOTFOUND: 'no computer has that name',
  EAI_AGAIN: 'the name of that computer cannot be looked up now',
  ETIMEDOUT: 'it does not answer',
}
const certificates: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it vouches for itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
}
const broken = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'])

/**
 * An error of a connection in words. Nothing of the error itself is told but its code: messages may hold addresses with
 * what was asked in them.
 */
export function connectionRefusal(name: string, error: unknown): Refusal {
  if (error instanceof PacsFailure) return error.refusal
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = unreachable[code]
  if (words !== undefined)
    return {
      code: 'pacs-unreachable',
      reason: `${name} cannot be reached: ${words}.`,
      next: 'Check its address and the network, then try again.',
    }
  const untrusted = certificates[code]
  if (untrusted !== undefined)
    return {
      code: 'pacs-unreachable',
      reason: `${name} has a certificate that is not trusted: ${untrusted}. Nothing was sent.`,
      next: 'Give the certificate of its authority as caFile, or its right name in its address.',
    }
  if (broken.has(code) || code.startsWith('HPE_'))
    return {
      code: 'pacs-damaged',
      reason: `${name} broke off in the middle of its answer.`,
      next: 'Try again; what came whole before is kept.',
    }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return {
      code: 'pacs-unreachable',
      reason: `${name} does not speak TLS there, or not one that is safe.`,
      next: ASK_OWNER,
    }
  return {
    code: 'pacs-unreachable',
    reason: `${name} cannot be asked (${code || 'unknown'}).`,
    next: ASK_OWNER,
  }
}

const ON_DISK = new Set([
  ...['open', 'rename', 'link', 'unlink', 'mkdir', 'rmdir', 'scandir', 'stat', 'lstat', 'fsync', 'statfs'],
  ...['ftruncate', 'copyfile', 'rm'],
])

/** Why the disk does not take what comes; null: it is not the disk. */
export function diskRefusal(error: unknown, folder: string): Refusal | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null
  const code = String(error.code)
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  // Connections read and write too: an error of theirs has other codes.
  if (!isFull && code !== 'EIO' && !ON_DISK.has(String(error.syscall))) return null
  const isForbidden = code === 'EACCES' || code === 'EROFS' || code === 'EPERM'
  if (!isFull && !isForbidden)
    return {
      code: 'workspace-failed',
      reason: `The folder for what archives send cannot be written (${code}).`,
      path: folder,
      next: 'Look at that folder and its disk, then try again: what came whole is kept.',
    }
  return {
    code: 'workspace-failed',
    reason: isFull ? 'The disk is full.' : 'The folder for what archives send may not be written to.',
    path: folder,
    next: isFull
      ? 'Free some space, then fetch again: what came whole is kept.'
      : 'Give yourself the right to write there.',
  }
}
