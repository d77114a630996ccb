import { expect, test } from 'vitest'
import type { ChildPort, Launch } from '../processes/launch'
import { picturesInProcess } from './picture-process'
import type { PictureQuestion } from './picture-process'

/** Processes that answer as told: by name of the picture, never, or by dying. */
function processes(): {
  readonly launch: Launch
  readonly killed: () => number
  readonly begun: () => number
} {
  let begun = 0
  let killed = 0
  const launch: Launch = (): ChildPort => {
    begun += 1
    let tell: (message: unknown) => void = () => undefined
    let end: (reason: string) => void = () => undefined
    return {
      send: (message) => {
        const { id, given } = message as PictureQuestion
        const [first] = given
        const word = first instanceof Uint8Array ? new TextDecoder().decode(first) : first
        if (word === 'hangs') return
        if (word === 'dies') end('signal SIGSEGV')
        else if (word === 'throws') tell({ id, error: 'not a picture' })
        else tell({ id, value: { ok: true, value: new Uint8Array([7]) } })
      },
      onMessage: (listener) => {
        tell = listener
      },
      onExit: (listener) => {
        end = listener
      },
      kill: () => {
        killed += 1
      },
    }
  }
  return { launch, killed: () => killed, begun: () => begun }
}

const sound = { ok: true, value: new Uint8Array([7]) }

test('a picture that holds the process is refused at the limit, the process is killed, the next is read', async () => {
  const made = processes()
  const pictures = picturesInProcess('pictures.js', made.launch, 20)
  const hanging = pictures.photographThumbnail('hangs', 'hangs')
  const next = pictures.photographThumbnail('sound', 'sound')
  expect(await hanging).toMatchObject({ ok: false, refusal: { code: 'limit-reached' } })
  expect(await next).toEqual(sound)
  expect([made.begun(), made.killed()]).toEqual([2, 1])
})

test('a picture that ends the process costs itself alone', async () => {
  const made = processes()
  const pictures = picturesInProcess('pictures.js', made.launch)
  expect(await pictures.photographThumbnail('dies', 'dies')).toMatchObject({
    ok: false,
    refusal: { code: 'picture-unsupported' },
  })
  expect(await pictures.photographThumbnail('sound', 'sound')).toEqual(sound)
  await expect(pictures.photographThumbnail('throws', 'throws')).rejects.toThrow('not a picture')
  expect(made.begun()).toBe(2)
})

test('what is drawn is refused without blame of a file when the process hangs or dies', async () => {
  const made = processes()
  const pictures = picturesInProcess('pictures.js', made.launch, 20)
  const bytes = (word: string): Uint8Array => new TextEncoder().encode(word)
  const ways = { widthPx: 1, heightPx: 1, svg: bytes('<svg/>'), beside: null }
  const late = await pictures.drawnPicture(bytes('hangs'), ways)
  expect(late).toMatchObject({ ok: false, refusal: { code: 'limit-reached' } })
  expect(JSON.stringify(late)).not.toMatch(/Save it again/)
  expect(await pictures.readsBack(bytes('dies'))).toMatchObject({ ok: false, refusal: { code: 'internal' } })
  expect(await pictures.readsBack(bytes('sound'))).toEqual(sound)
})

test('nothing is started before the first picture', () => {
  const made = processes()
  picturesInProcess('pictures.js', made.launch).close()
  expect([made.begun(), made.killed()]).toEqual([0, 0])
})
