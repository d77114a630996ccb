import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import type { ChildPort, Launch } from '../processes/launch'
import { layPiece, putTogether, type Piece } from '../processes/pieces'
import type * as functions from './picture-functions'

/**
 * Decoding and drawing pictures in a process of its own. libvips brings its own GLib, which must not meet the one of a window's
 * toolkit, and a hostile picture can hold it far beyond any limit that it knows: there the process is ended, whatever
 * it is doing, and the next picture gets a new one.
 */

type Functions = typeof functions
/**
 * What is done with pictures, here or elsewhere; arguments are plain values and bytes. A process that ends answers by a
 * refusal, so that each has room for one.
 */
export type Pictures = {
  readonly [name in keyof Functions]: Functions[name] extends (
    ...given: never
  ) => Promise<Result<infer Value>>
    ? (...given: Parameters<Functions[name]>) => Promise<Result<Value>>
    : never
} & { readonly close: () => void }

export interface PictureQuestion {
  readonly id: number
  readonly name: keyof Functions
  readonly given: readonly unknown[]
}
/** Pieces of the value of a result come before the answer that holds the rest. */
export type PictureAnswer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string }
export interface PicturePiece {
  readonly id: number
  readonly piece: Piece
}

/** Opening the largest photographs takes seconds; what takes longer than this is no photograph. */
export const PICTURE_LIMIT_MS = 15_000

/** In this process, loaded at the first picture: for the process itself, for commands and for tests. */
export function picturesHere(): Pictures {
  const call = async (name: keyof Functions, given: readonly unknown[]): Promise<unknown> => {
    const loaded = await import('./picture-functions')
    return (loaded[name] as (...words: readonly unknown[]) => unknown)(...given)
  }
  return picturesBy(call, () => undefined)
}

/** In a process that is started at the first picture and anew when it dies or hangs. */
export function picturesInProcess(path: string, launch: Launch, limitMs = PICTURE_LIMIT_MS): Pictures {
  const link = new PictureLink(path, launch, limitMs)
  return picturesBy(link.ask, link.close)
}

function picturesBy(
  call: (name: keyof Functions, given: readonly unknown[]) => Promise<unknown>,
  close: () => void,
): Pictures {
  // The same functions at the other end, built with this program: their shapes hold.
  const by = <Name extends keyof Functions>(name: Name): Pictures[Name] =>
    ((...given: readonly unknown[]) => call(name, given)) as Pictures[Name]
  return {
    describePhotograph: by('describePhotograph'),
    photographPixels: by('photographPixels'),
    photographThumbnail: by('photographThumbnail'),
    pixelsThumbnail: by('pixelsThumbnail'),
    describeGreyPlanes: by('describeGreyPlanes'),
    greyPlane: by('greyPlane'),
    readMaskPicture: by('readMaskPicture'),
    pngOf: by('pngOf'),
    scaledPicture: by('scaledPicture'),
    pictureUnderMap: by('pictureUnderMap'),
    drawnPicture: by('drawnPicture'),
    readsBack: by('readsBack'),
    close,
  }
}

interface Running {
  readonly port: ChildPort
  settle: ((answer: PictureAnswer | PicturePiece | 'ended' | 'late') => void) | null
}

/** One question at a time: a picture in work is tens of megabytes. */
class PictureLink {
  readonly #path: string
  readonly #launch: Launch
  readonly #limitMs: number
  #running: Running | null = null
  #last: Promise<unknown> = Promise.resolve()
  #lastId = 0

  constructor(path: string, launch: Launch, limitMs: number) {
    this.#path = path
    this.#launch = launch
    this.#limitMs = limitMs
  }

  readonly ask = (name: keyof Functions, given: readonly unknown[]): Promise<unknown> => {
    const answered = this.#last.then(() => this.#askNow(name, given))
    this.#last = answered.catch(() => undefined)
    return answered
  }

  readonly close = (): void => {
    this.#running?.port.kill()
  }

  async #askNow(name: keyof Functions, given: readonly unknown[]): Promise<unknown> {
    const running = (this.#running ??= this.#start())
    this.#lastId += 1
    const id = this.#lastId
    const held = new Map<string, Uint8Array>()
    const answer = await new Promise<PictureAnswer | 'ended' | 'late'>((settle) => {
      const timer = setTimeout(() => running.settle?.('late'), this.#limitMs)
      running.settle = (told) => {
        if (typeof told === 'object' && told.id !== id) return
        if (typeof told === 'object' && 'piece' in told) {
          layPiece(held, told.piece)
          return
        }
        clearTimeout(timer)
        running.settle = null
        settle(told)
      }
      running.port.send({ id, name, given } satisfies PictureQuestion)
    })
    if (answer === 'late') {
      this.#running = null
      running.port.kill()
      return tookTooLong(name, this.#limitMs)
    }
    if (answer === 'ended') return endedBy(name)
    if ('error' in answer) throw new Error(answer.error)
    return held.size === 0
      ? answer.value
      : accept(putTogether((answer.value as { value: unknown }).value, held))
  }

  #start(): Running {
    const running: Running = { port: this.#launch(this.#path), settle: null }
    running.port.onMessage((message) => {
      // Our own program at the other end, built with this one.
      running.settle?.(message as PictureAnswer | PicturePiece)
    })
    running.port.onExit(() => {
      if (this.#running === running) this.#running = null
      running.settle?.('ended')
    })
    return running
  }
}

/** What makes pictures, of which no file is to blame. */
const DRAWING: ReadonlySet<keyof Functions> = new Set([
  'pngOf',
  'scaledPicture',
  'pictureUnderMap',
  'drawnPicture',
  'readsBack',
])

const tookTooLong = (name: keyof Functions, limitMs: number): Result<never> =>
  DRAWING.has(name)
    ? refuse('limit-reached', `Drawing the picture took longer than ${limitMs / 1000} s and was given up.`, {
        next: 'Try again when the computer has less to do.',
      })
    : refuse('limit-reached', `The picture took longer than ${limitMs / 1000} s to read and was given up.`, {
        next: 'Save it again as PNG, JPEG or TIFF.',
      })

const endedBy = (name: keyof Functions): Result<never> =>
  DRAWING.has(name)
    ? refuse('internal', 'The process that draws pictures ended while it drew this one.', {
        next: 'Try again: the next picture gets a new process.',
      })
    : refuse('picture-unsupported', 'Decoding the picture ended the decoder.')
