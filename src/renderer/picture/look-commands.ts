import type { CommandAnswer, CommandAnswers } from '../keys/dispatch'
import { nowMs } from '../browser/clock'
import { nextMode, setMapOpacity, toggleLayer, type ViewSettings } from './view-settings'
import { AS_ACQUIRED, isAsAcquired, turnedBy, type TurnStep } from '../viewer/turn'
import type { ImageViewportMethods, ToolName } from '../viewer/viewport-types'

/** A press of X shorter than this toggles; a longer one only peeks. */
const TAP_MS = 250
const ZOOM_STEP = 1.25
const OPACITY_STEP = 0.1

const tool = (settings: ViewSettings, name: ToolName): { run: () => void } => ({
  run: () => {
    settings.tool.value = name
  },
})

/** Commands that slices and photographs have alike: tools, zoom, layers, X. */
export function lookCommands(
  settings: ViewSettings,
  viewport: () => ImageViewportMethods | null,
): CommandAnswers {
  return {
    'zoom-in': { run: () => viewport()?.zoomBy(ZOOM_STEP) },
    'zoom-out': { run: () => viewport()?.zoomBy(1 / ZOOM_STEP) },
    fit: { run: () => viewport()?.fit() },
    reset: {
      run: () => {
        settings.turn.value = AS_ACQUIRED
        viewport()?.reset()
      },
    },
    ...turnCommands(settings),
    hide: hideCommand(settings),
    mode: {
      run: () => {
        nextMode(settings)
      },
    },
    samples: {
      run: () => {
        toggleLayer(settings, 'samples')
      },
    },
    bands: {
      run: () => {
        toggleLayer(settings, 'bands')
      },
    },
    fainter: {
      run: () => {
        setMapOpacity(settings, settings.layers.value.mapOpacity - OPACITY_STEP)
      },
    },
    stronger: {
      run: () => {
        setMapOpacity(settings, settings.layers.value.mapOpacity + OPACITY_STEP)
      },
    },
    'tool-select': tool(settings, 'select'),
    'tool-pan': tool(settings, 'pan'),
    'tool-zoom': tool(settings, 'zoom'),
    'tool-probe': tool(settings, 'probe'),
    'tool-ruler': tool(settings, 'ruler'),
  }
}

const STEPS: readonly TurnStep[] = ['rotate-right', 'rotate-left', 'flip-across', 'flip-down']

/** The picture on the screen is turned, never what is drawn, measured or exported of it. */
function turnCommands({ turn }: ViewSettings): CommandAnswers {
  const steps = STEPS.map((step): readonly [TurnStep, CommandAnswer] => [
    step,
    {
      run: () => {
        turn.value = turnedBy(turn.value, step)
      },
    },
  ])
  return {
    ...Object.fromEntries(steps),
    'turn-back': {
      run: () => {
        turn.value = AS_ACQUIRED
      },
      lockedBecause: () => (isAsAcquired(turn.value) ? 'it is as it was acquired' : null),
    },
  }
}

/** X held hides while held; X tapped hides until the next tap. */
function hideCommand(settings: ViewSettings): { run: (phase: 'down' | 'up') => void } {
  let before = false
  let sinceMs: number | null = null
  return {
    run: (phase) => {
      if (phase === 'down') {
        before = settings.hidden.value
        sinceMs = nowMs()
        settings.hidden.value = true
      } else if (sinceMs !== null) {
        settings.hidden.value = nowMs() - sinceMs < TAP_MS ? !before : before
        sinceMs = null
      }
    },
  }
}
