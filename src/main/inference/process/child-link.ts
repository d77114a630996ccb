import { setImmediate as turn } from 'node:timers/promises'
import type { ChildPort, Launch } from '../../processes/launch'
import { cutInPieces, isLong, type Piece } from '../../processes/pieces'
import { InferenceReply } from './protocol'
import type { InferenceRequest } from './protocol'

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
/** A request that has not got its number yet. */
export type Question = WithoutId<InferenceRequest>

/** Pixels of the question with this number, which comes after them without. */
export interface QuestionPiece {
  readonly id: number
  readonly piece: Piece
}

export type Answer =
  | { readonly ok: true; readonly reply: InferenceReply }
  | {
      readonly ok: false
      readonly failure: 'crashed' | 'timed-out' | 'queue-full' | 'closed'
      readonly reason: string
    }

/** Every run asks one thing at a time: so many runs at once are more than a person starts. */
const MAX_WAITING = 256

interface Running {
  readonly port: ChildPort
  /** Takes the answer to the question that is under way. */
  settle: ((answer: Answer) => void) | null
}

/** One inference process: started on demand, one question at a time, started anew after a crash or a kill. */
export class ChildLink {
  readonly #path: string
  readonly #launch: Launch
  #running: Running | null = null
  #lastId = 0
  #waiting = 0
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string, launch: Launch) {
    this.#path = path
    this.#launch = launch
  }

  /** Asks when all earlier questions are answered. Past the limit the process is killed. */
  async ask(question: Question, limitMs: number): Promise<Answer> {
    if (this.#waiting >= MAX_WAITING) {
      return { ok: false, failure: 'queue-full', reason: `${MAX_WAITING} requests are waiting already.` }
    }
    this.#waiting += 1
    const answered = this.#last.then(() => this.#askNow(question, limitMs))
    this.#last = answered
    try {
      return await answered
    } finally {
      this.#waiting -= 1
    }
  }

  close(): void {
    this.#closed = true
    this.#running?.port.kill()
  }

  #askNow(question: Question, limitMs: number): Promise<Answer> {
    if (this.#closed) {
      return Promise.resolve({ ok: false, failure: 'closed', reason: 'The program is closing.' })
    }
    const running = (this.#running ??= this.#start())
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const reason = `No answer to "${question.kind}" within ${limitMs / 1000} s.`
        running.settle?.({ ok: false, failure: 'timed-out', reason })
        this.#drop(running)
      }, limitMs)
      running.settle = (answer) => {
        if (answer.ok && answer.reply.id !== id) return
        clearTimeout(timer)
        running.settle = null
        resolve(answer)
      }
      void send(running.port, question, id)
    })
  }

  #start(): Running {
    const running: Running = { port: this.#launch(this.#path), settle: null }
    running.port.onMessage((message) => {
      const reply = InferenceReply.safeParse(message)
      if (reply.success) {
        running.settle?.({ ok: true, reply: reply.data })
        return
      }
      running.settle?.({
        ok: false,
        failure: 'crashed',
        reason: 'The inference process answered in no known form.',
      })
      this.#drop(running)
    })
    running.port.onExit((ending) => {
      if (this.#running === running) this.#running = null
      const failure = this.#closed ? 'closed' : 'crashed'
      running.settle?.({ ok: false, failure, reason: `The inference process ended (${ending}).` })
    })
    return running
  }

  #drop(running: Running): void {
    if (this.#running === running) this.#running = null
    running.port.kill()
  }
}

/** A large photograph goes in pieces, with turns for others in between: as one message it would hold them all. */
async function send(port: ChildPort, question: Question, id: number): Promise<void> {
  if (question.kind !== 'prepare' || !isLong(question.picture.rgb)) {
    port.send({ ...question, id })
    return
  }
  const { rgb, ...size } = question.picture
  for (const piece of cutInPieces('rgb', rgb)) {
    port.send({ id, piece } satisfies QuestionPiece)
    await turn()
  }
  port.send({ ...question, picture: size, id })
}
