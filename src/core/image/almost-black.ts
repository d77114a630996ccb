import { accept, ALMOST_BLACK, refuse, type Result, type Warning } from '../../contract'

/** A model sees nothing in a picture that is almost black, and answers all the same: only where that is asked for. */
export function refuseBlack(warnings: readonly Warning[], evenBlack: boolean | undefined): Result<null> {
  const isBlack = warnings.some(({ code }) => code === ALMOST_BLACK)
  if (!isBlack || evenBlack === true) return accept(null)
  return refuse(ALMOST_BLACK, 'The picture is almost black: no model was run on it.', {
    next: 'Look at it, and save it again with its full range; or draw all the same (--even-black on the command line).',
  })
}
