import { disagreementSteps } from '../../core/comparison/votes'
import { stepColour } from '../viewer/overlays/maps/step-map'

/** Steps of the disagreement map with their colours: "1 reading against 4", "2 against 3". */
export function disagreementStepsOf(
  voters: number,
): readonly { readonly text: string; readonly colour: string }[] {
  if (voters < 2) return []
  return disagreementSteps(new Uint8Array(0), voters).map(({ minority, text }) => ({
    text: text.replace(/^1 /, '1 reading '),
    colour: `rgb(${stepColour(minority, voters).map(Math.round).join(', ')})`,
  }))
}
