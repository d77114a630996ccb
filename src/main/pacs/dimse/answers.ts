import { PacsFailure } from '../pacs-failure'
import type { DimseGround } from './associate'
import type { DimseResponse } from './load-dimse'

const CANCELLED = 0xfe00

/** The last answer to a request, once its association is over; the others count for nothing here, and are not kept. */
export function answersOf(request: {
  readonly on: (event: 'response', listener: (response: DimseResponse) => void) => unknown
}): LastAnswer {
  const answers: { last: DimseResponse | null } = { last: null }
  request.on('response', (response) => {
    answers.last = response
  })
  return answers
}

export interface LastAnswer {
  readonly last: DimseResponse | null
}

/** Throws where a request was not answered, or by a failure. */
export function expectAnswer({ settings }: DimseGround, { last }: LastAnswer, what: string): void {
  if (last === null)
    throw new PacsFailure(
      'pacs-refused',
      `${settings.name} does not offer ${what} to us.`,
      'Whoever runs the archive can allow it for our AE title.',
    )
  const status = last.getStatus()
  // Warnings (Bxxx) are told by what is missing.
  if (status === 0 || status === CANCELLED || status >> 12 === 0xb) return
  throw new PacsFailure(
    'pacs-refused',
    `${settings.name} refuses ${what} (status ${status.toString(16).toUpperCase().padStart(4, '0')}).`,
    'Ask whoever runs the archive.',
  )
}
