import { randomUUID } from 'node:crypto'
import type { Outgoing } from '../outgoing'
import { PacsFailure } from '../pacs-failure'
import { expectSuccess, textOf } from './web-exchange'
import type { WebExchange } from './web-exchange'

/** STOW-RS (PS3.18 10.5): one object a request, so that what was taken and what was not is known of each. */
export async function storeWeb(name: string, exchange: WebExchange, object: Outgoing): Promise<void> {
  const boundary = randomUUID()
  const head = Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`)
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  const parts = [head, object.bytes, end]
  const answer = await exchange({
    method: 'POST',
    path: '/studies',
    accept: 'application/dicom+json',
    body: {
      type: `multipart/related; type="application/dicom"; boundary=${boundary}`,
      parts,
      bytes: parts.reduce((sum, part) => sum + part.byteLength, 0),
    },
  })
  // 409: none was taken, and the body says why by a number.
  if (answer.status !== 409) expectSuccess(name, answer)
  const reason = failureReason(await textOf(name, answer))
  if (answer.status === 409 || reason !== null)
    throw new PacsFailure(
      'pacs-refused',
      `${name} did not take ${object.file}${reason === null ? '' : ` (failure reason ${reason})`}.`,
      'Ask whoever runs the archive whether it takes such objects.',
    )
}

/** (0008,1197) of the first item of (0008,1198), which stands there only for what failed; in four hexadecimal digits. */
function failureReason(text: string): string | null {
  const found = /"00081198"\s*:[\s\S]*?"00081197"\s*:\s*\{[^}]*?"Value"\s*:\s*\[\s*(\d+)/.exec(text)
  return found?.[1] === undefined ? null : Number(found[1]).toString(16).toUpperCase().padStart(4, '0')
}
