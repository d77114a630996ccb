import { PacsFailure } from '../pacs-failure'
import type { DimseGround } from './associate'
import type { DimseResponse } from './load-dimse'

const CANCELLED = 0xfe00

/** The answers to a request, in their order, once its association is over. */
export function answersOf(request: {
  readonly on: (event: 'response', listener: (response: DimseResponse) => void) => unknown
}): readonly DimseResponse[] {
  const answers: DimseResponse[] = []
  request.on('response', (response) => {
    answers.push(response)
  })
  return answers
}

/** Throws where a request was not answered, or by a failure. */
export function expectAnswer(
  { settings }: DimseGround,
  answers: readonly DimseResponse[],
  what: string,
): void {
  const last = answers.at(-1)
  if (last === undefined)
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
