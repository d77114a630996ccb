import type { LesionLine, RunLine, ScanLine } from '../../contract'
import type { Services } from './services'
import { programError } from './program-error'

/** The last line of a stream that the program itself broke: logged once, told to the page. */
export function refusedLine(services: Services): (error: unknown) => RunLine & LesionLine & ScanLine {
  return (error) => {
    const refusal = programError(error)
    services.log(refusal)
    return { kind: 'refused', refusal }
  }
}
