import { isIPv4, isIPv6 } from 'node:net'
import { AeTitle } from '../../../contract'
import type { ReceiverSettings } from '../../../contract'
import { IMPLICIT_LITTLE, transferSyntax } from '../../../core/dicom/transfer-syntax'
import type { DimseAssociation } from '../dimse/load-dimse'

/** Who is let in, and what for. */

/** An address as people write it: IPv4 comes mapped into IPv6 where both are listened to. */
export function shownAddress(address: string | undefined): string {
  const bare = (address ?? '').replace(/^::ffff:/i, '').replace(/%.*$/, '')
  return isIPv4(bare) ? bare : (address ?? '').replace(/%.*$/, '')
}

/** Whether anybody at this address may send; with nobody named everybody on this computer, for nothing else is listened to. */
export const isKnownAddress = ({ from }: ReceiverSettings, address: string): boolean =>
  from.length === 0 || from.some((sender) => isSameAddress(sender.address, address))

const isSameAddress = (one: string, other: string): boolean => normal(one) === normal(other)
/** One way to write an IPv6 address; what is no address stays as it is, and is nobody's. */
const normal = (address: string): string =>
  isIPv6(address) ? new URL(`http://[${address}]`).hostname : address

/** What a sender calls itself; empty where that is no AE title. */
export const calledItself = (association: DimseAssociation): string =>
  AeTitle.safeParse(association.getCallingAeTitle().trim()).data ?? ''

/** Why somebody is not let in: in words, and by the numbers of PS3.8 9.3.4 (result, source, reason). */
export interface Rejection {
  readonly why: string
  readonly answer: readonly [number, number, number]
}

const PERMANENT = 1
const TRANSIENT = 2
const BY_USER = 1
const BY_PRESENTATION = 3
const UNKNOWN_CALLING = 3
const UNKNOWN_CALLED = 7
const LIMIT_EXCEEDED = 2

/** null: it is let in. */
export function rejection(
  settings: ReceiverSettings,
  association: DimseAssociation,
  address: string,
  isFull: boolean,
): Rejection | null {
  const { from, aeTitle } = settings
  const calling = calledItself(association)
  const unknown = [PERMANENT, BY_USER, UNKNOWN_CALLING] as const
  if (!isKnownAddress(settings, address)) return { why: 'nobody at this address may send', answer: unknown }
  const isKnown = from.some(
    (sender) => sender.aeTitle.trim() === calling && isSameAddress(sender.address, address),
  )
  if (calling === '' || (from.length > 0 && !isKnown))
    return { why: 'this AE title may not send from there', answer: unknown }
  if (association.getCalledAeTitle().trim() !== aeTitle.trim())
    return {
      why: 'it called another AE title than ours',
      answer: [PERMANENT, BY_USER, UNKNOWN_CALLED],
    }
  if (isFull)
    return { why: 'too many are sending at once', answer: [TRANSIENT, BY_PRESENTATION, LIMIT_EXCEEDED] }
  return null
}

const VERIFICATION = '1.2.840.10008.1.1'
/** Storage SOP classes (PS3.4 B.5) have this beginning, and nothing else has it. */
const STORAGE = '1.2.840.10008.5.1.4.1.1.'
/** PS3.8 9.3.3.2 */
const ACCEPTED = 0
const CLASS_UNSUPPORTED = 3
const SYNTAX_UNSUPPORTED = 4

/**
 * Answers what is proposed: verification, and every storage class in the first of the sender's transfer syntaxes that
 * can be decoded here. Nothing is transcoded.
 */
export function answerContexts(association: DimseAssociation): void {
  for (const { context } of association.getPresentationContexts()) {
    const sopClass = context.getAbstractSyntaxUid()
    const [first, ...others] = context.getTransferSyntaxUids()
    const isVerification = sopClass === VERIFICATION
    const isOffered = isVerification || sopClass.startsWith(STORAGE)
    const taken = isVerification ? first : [first, ...others].find(isDecoded)
    if (isOffered && taken !== undefined) context.setResult(ACCEPTED, taken)
    // The answer carries a syntax even where it means nothing.
    else context.setResult(isOffered ? SYNTAX_UNSUPPORTED : CLASS_UNSUPPORTED, first ?? IMPLICIT_LITTLE)
  }
}

const isDecoded = (uid: string | undefined): boolean =>
  uid !== undefined && (transferSyntax(uid)?.pixels ?? null) !== null
