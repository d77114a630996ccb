/**
 * What the first screen does without: read when it is asked for, or once that screen stands. So a start waits for a third
 * of the page.
 */
import { type AsyncComponentLoader, type Component, defineAsyncComponent } from 'vue'
import PartUnread from './PartUnread.vue'

const LOADERS: AsyncComponentLoader[] = []

function later<Part extends Component>(loader: AsyncComponentLoader<Part>): Part {
  LOADERS.push(loader)
  return defineAsyncComponent<Part>({ loader, errorComponent: PartUnread, delay: 0 })
}

const readSheets = async () => (await import('./Sheets.vue')).default
export const Sheets = later(readSheets)
const readReading = async () => (await import('../read/ReadView.vue')).default
export const ReadView = later(readReading)
export const AnnotateView = later(async () => (await import('../draw/AnnotateView.vue')).default)
export const CompareView = later(async () => (await import('../readings/CompareView.vue')).default)
export const PanelsView = later(async () => (await import('../studies/PanelsView.vue')).default)
export const PhotographsView = later(
  async () => (await import('../run/photographs/PhotographsView.vue')).default,
)
export const TrainView = later(async () => (await import('../train/TrainView.vue')).default)
export const SignInView = later(async () => (await import('./SignInView.vue')).default)
export const NewPasswordView = later(async () => (await import('./NewPasswordView.vue')).default)

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    requestIdleCallback(() => {
      resolve()
    })
  })

/** The first screen and what it asks for have the processor to themselves for as long. */
const REST_AFTER_MS = 1_000

/** Reads what shows a case, while that is still being opened. */
export async function loadReading(): Promise<void> {
  await readReading().catch(() => undefined)
}

/** Reads the sheets as soon as the first screen stands: a key opens them, and what is typed next is meant for them. */
export async function loadSheets(): Promise<void> {
  await idle()
  await readSheets().catch(() => undefined)
}

/** Reads the rest one after another while nothing else is to do; what fails is told where it is asked for. */
export async function loadTheRest(): Promise<void> {
  await new Promise((passed) => setTimeout(passed, REST_AFTER_MS))
  for (const load of LOADERS) {
    await idle()
    await load().catch(() => undefined)
  }
}
