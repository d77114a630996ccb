import type { ArchiveSummary, DoctorCheck } from '../../contract'
import { formatPlural } from '../../core/words/numbers'
import type { Services } from '../app/services'
import type { ReceiverFound } from '../pacs/receiving/receiver'

/** What the settings of the workspace say of archives and of receiving. An archive is contacted only where `isAsked`. */
export async function checkArchives(
  { archives, receiver }: Pick<Services, 'archives' | 'receiver'>,
  isAsked: boolean,
  signal: AbortSignal,
): Promise<readonly DoctorCheck[]> {
  const [receiving, named] = await Promise.all([checkReceiver(receiver), archives.list()])
  if (named.refusal !== null)
    // The file is one for both: what is wrong in it was said.
    return [receiving]
  if (named.archives.length === 0)
    return [receiving, { name: 'Archives', state: 'ok', found: 'none is named', next: '' }]
  const each = named.archives.map((one) => checkArchive(archives, one, isAsked, signal))
  return [receiving, ...(await Promise.all(each))]
}

async function checkArchive(
  archives: Services['archives'],
  { name: called, kind, address, encrypted, refusal }: ArchiveSummary,
  isAsked: boolean,
  signal: AbortSignal,
): Promise<DoctorCheck> {
  const name = `Archive ${called}`
  const where = `${kind === 'dicomweb' ? 'DICOMweb' : 'DIMSE'}, ${address}, ${linkWords(encrypted)}`
  if (refusal !== null)
    return { name, state: 'warning', found: `${where}; ${refusal.reason}`, next: refusal.next ?? '' }
  if (!isAsked) return { name, state: 'ok', found: `${where}; not contacted (--archives asks it)`, next: '' }
  const answer = await archives.echo(called, signal)
  return answer.ok
    ? { name, state: 'ok', found: `${where}; answered in ${answer.value.answeredMs} ms`, next: '' }
    : { name, state: 'warning', found: `${where}; ${answer.refusal.reason}`, next: answer.refusal.next ?? '' }
}

async function checkReceiver(receiver: Services['receiver']): Promise<DoctorCheck> {
  const name = 'Receiving from a PACS'
  const look = await receiver.look()
  if (!look.ok)
    return {
      ...{ name, state: 'warning', found: `${look.refusal.reason} (${look.refusal.path ?? ''})` },
      next: look.refusal.next ?? '',
    }
  if (look.value === null) return { name, state: 'ok', found: 'off: nothing listens', next: '' }
  const { settings, received, freeBytes, keepFreeBytes } = look.value
  const hasRoom = freeBytes === null || freeBytes > keepFreeBytes
  return {
    ...{ name, state: hasRoom ? 'ok' : 'warning' },
    found: `${settingsWords(settings)}; stores in ${received}${freeWords(freeBytes)}`,
    next: hasRoom
      ? ''
      : `Nothing is taken while less than ${gigabytes(keepFreeBytes)} are free (keepFreeMegabytes): make room.`,
  }
}

function settingsWords({ aeTitle, host, port, encrypted, from }: ReceiverFound['settings']): string {
  const senders =
    from.length === 0
      ? 'every program on this computer may send'
      : `${formatPlural(from.length, 'sender')}: ${from.map((one) => `${one.aeTitle} at ${one.address}`).join(', ')}`
  return `set up as ${aeTitle} at ${host}, port ${port}, ${linkWords(encrypted)}; ${senders}`.replaceAll(
    '\u00a0',
    ' ',
  )
}

const linkWords = (encrypted: boolean): string => (encrypted ? 'TLS' : 'not encrypted')
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
const freeWords = (bytes: number | null): string => (bytes === null ? '' : `, ${gigabytes(bytes)} free`)
