import { ref, shallowRef, type Ref } from 'vue'
import { AS_ACQUIRED, type Turn } from '../viewer/turn'
import {
  DEFAULT_LAYERS,
  LENS_PLACES,
  type LayerName,
  type LayerVisibility,
  type PhotographChannel,
  type ToolName,
  type ViewMode,
  type ViewportWindow,
} from '../viewer/viewport-types'

/** How one picture is looked at. */
export interface ViewSettings {
  readonly tool: Ref<ToolName>
  readonly mode: Ref<ViewMode>
  readonly layers: Ref<LayerVisibility>
  readonly window: Ref<ViewportWindow | null>
  readonly inverted: Ref<boolean>
  readonly channel: Ref<PhotographChannel>
  /** How the picture is turned on the screen; the viewport says so wherever it is turned. */
  readonly turn: Ref<Turn>
  /** X: everything but the picture is hidden. */
  readonly hidden: Ref<boolean>
  readonly highlightSample: Ref<number | null>
  /** Letters of readers whose outlines are switched off. */
  readonly hiddenReaders: Ref<ReadonlySet<string>>
}

/** Fresh settings: a photograph opens on the map, a slice on contours. */
export function createViewSettings(mode: ViewMode): ViewSettings {
  return {
    tool: ref('select'),
    mode: ref(mode),
    layers: shallowRef(DEFAULT_LAYERS),
    window: shallowRef(null),
    inverted: ref(false),
    channel: ref('colour'),
    turn: shallowRef(AS_ACQUIRED),
    hidden: ref(false),
    highlightSample: ref(null),
    hiddenReaders: shallowRef(new Set<string>()),
  }
}

export function toggleLayer(settings: ViewSettings, layer: LayerName): void {
  settings.layers.value = { ...settings.layers.value, [layer]: !settings.layers.value[layer] }
}

/** Map opacity in steps of a tenth, from clear to full. */
export function setMapOpacity(settings: ViewSettings, opacity: number): void {
  const held = Math.min(1, Math.max(0, Math.round(opacity * 100) / 100))
  settings.layers.value = { ...settings.layers.value, mapOpacity: held }
}

const MODES: readonly ViewMode[] = ['contours', 'bands', 'map']

export function nextMode(settings: ViewSettings): void {
  settings.mode.value = MODES[(MODES.indexOf(settings.mode.value) + 1) % MODES.length] ?? 'contours'
}

/** The lens over a map goes on to the next corner. */
export function moveLens(settings: ViewSettings): void {
  const { lens } = settings.layers.value
  const at = lens === 'closed' ? -1 : LENS_PLACES.indexOf(lens)
  const next = LENS_PLACES[(at + 1) % LENS_PLACES.length] ?? 'lower-right'
  settings.layers.value = { ...settings.layers.value, lens: next }
}

export function closeLens(settings: ViewSettings): void {
  const isClosed = settings.layers.value.lens === 'closed'
  settings.layers.value = { ...settings.layers.value, lens: isClosed ? 'lower-right' : 'closed' }
}

export function toggleReader(settings: ViewSettings, letter: string): void {
  const hidden = new Set(settings.hiddenReaders.value)
  if (!hidden.delete(letter)) hidden.add(letter)
  settings.hiddenReaders.value = hidden
}
