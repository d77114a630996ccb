import { parentOf } from '../processes/parent'
import { picturesHere } from './picture-process'
import { takenApart } from '../processes/pieces'
import type { PictureAnswer, PicturePiece, PictureQuestion } from './picture-process'

/** The process that decodes and draws pictures. */
const pictures = picturesHere()
const { send, onMessage } = parentOf(process)

/** A result without the long bytes of its value, which go before it. */
function inPieces(id: number, result: unknown): unknown {
  const { ok, value } = result as { readonly ok: boolean; readonly value?: unknown }
  if (!ok) return result
  return {
    ok,
    value: takenApart(value, (piece) => {
      send({ id, piece } satisfies PicturePiece)
    }),
  }
}

onMessage((message) => {
  const { id, name, given } = message as PictureQuestion
  const ask = pictures[name] as (...words: readonly unknown[]) => Promise<unknown>
  ask(...given).then(
    (value) => {
      send({ id, value: inPieces(id, value) } satisfies PictureAnswer)
    },
    (error: unknown) => {
      send({ id, error: error instanceof Error ? error.message : String(error) } satisfies PictureAnswer)
    },
  )
})
