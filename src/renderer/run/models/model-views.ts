import type { RunSnapshot } from '../run-snapshot'
import type { ViewSettings } from '../../picture/view-settings'
import type { ComparedModel, ImageViewportProps, LayerVisibility } from '../../viewer/viewport-types'
import { drawnWords, hasNoUncertainty } from '../run-words'
import type { RunOfTarget } from '../use-run-target'

/** What one of two views shows of its model. */
export interface ModelView {
  readonly id: string
  /** What was drawn, or how far it has come. */
  readonly words: string
  readonly shown: Pick<ImageViewportProps, 'overlay' | 'compared' | 'mode' | 'layers' | 'highlightSample'>
}

/**
 * What one or two views show of their models. `isHere`: the runs are of the picture that is shown. A model without
 * uncertainty has an outline and nothing else: no samples, no bands, no map, whatever the view is switched to.
 */
export function modelViews(
  { run, model, comparison }: Pick<RunOfTarget, 'run' | 'model' | 'comparison'>,
  settings: ViewSettings,
  isHere: boolean,
): { readonly first: ModelView; readonly second: ModelView | null } {
  const overlayOf = (one: RunSnapshot | null): RunSnapshot['overlay'] =>
    isHere ? (one?.overlay ?? null) : null
  const other = comparison.other.value
  const view = (id: string, one: RunSnapshot | null, compared: ComparedModel | null): ModelView => {
    const isAlone = hasNoUncertainty(one)
    return {
      id,
      words: drawnWords(one),
      shown: {
        overlay: overlayOf(one),
        compared,
        mode: isAlone ? 'contours' : settings.mode.value,
        layers: layersOf(one, settings.layers.value),
        highlightSample: compared === null && !isAlone ? settings.highlightSample.value : null,
      },
    }
  }
  const first = run.value
  const second = comparison.run.value
  if (other === null) return { first: view(model.value?.id ?? '', first, null), second: null }
  return {
    first: view(model.value?.id ?? '', first, { place: 1, other: overlayOf(second) }),
    second: view(other.id, second, { place: 2, other: overlayOf(first) }),
  }
}

/** Of a few samples among many empty ones there is no median and no band: each stands as the thin line it is. */
function layersOf(run: RunSnapshot | null, layers: LayerVisibility): LayerVisibility {
  if (hasNoUncertainty(run)) return outlineOnly(layers)
  return run?.report?.mostDrawNothing === true ? { ...layers, median: false, bands: false } : layers
}

const outlineOnly = (layers: LayerVisibility): LayerVisibility => ({
  ...layers,
  samples: false,
  bands: false,
  variance: false,
})
