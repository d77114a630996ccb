import { parentOf } from '../processes/parent'
import { picturesHere } from './picture-process'
import type { PictureAnswer, PictureQuestion } from './picture-process'

/** The process that decodes and draws pictures. */
const pictures = picturesHere()
const { send, onMessage } = parentOf(process)

onMessage((message) => {
  const { id, name, given } = message as PictureQuestion
  const ask = pictures[name] as (...words: readonly unknown[]) => Promise<unknown>
  ask(...given).then(
    (value) => {
      send({ id, value } satisfies PictureAnswer)
    },
    (error: unknown) => {
      send({ id, error: error instanceof Error ? error.message : String(error) } satisfies PictureAnswer)
    },
  )
})
