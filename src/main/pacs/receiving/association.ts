import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import type { ReceiverSettings } from '../../../contract'
import type { Dimse, DimseAssociation, DimseContext, StoreRequest, StoreResponse } from '../dimse/load-dimse'
import { pduGuard } from '../dimse/pdu-guard'
import { answerContexts, calledItself, rejection } from './admit'
import { ObjectRefused, STATUS } from './received-objects'
import type { Kept, ReceivedObject, ReceivedObjects } from './received-objects'

/** What is told of associations; no word of a patient but the UIDs of a study and a series. */
export interface Told {
  readonly onKept: (from: string, kept: Kept) => void
  readonly onTurnedAway: (from: string, address: string, why: string) => void
  readonly onEnded: (ended: EndedAssociation) => void
  /** How many are open now. */
  readonly onOpen: (count: number) => void
}

/** An association that is over. */
export interface EndedAssociation {
  /** Series that objects came of. */
  readonly series: readonly Pick<Kept, 'studyUid' | 'seriesUid'>[]
  /** Its sender said that it was done; else it broke off, and there may be more. */
  readonly isWhole: boolean
  /** Milliseconds since the epoch. */
  readonly beganMs: number
  readonly endedMs: number
}

export interface AssociationGround {
  readonly dimse: Dimse
  readonly settings: ReceiverSettings
  readonly received: ReceivedObjects
  readonly told: Told
  /** The connections that have an association now. */
  readonly associated: Set<Socket>
}

/** The library's clocks tick once a second and say little: ours stand in for them. */
const NEVER_MS = 2 ** 31 - 1
/** Whoever connects asks for an association within this time. */
const ASK_MS = 10_000
/** A rejection, an abort or the answer to a release has this long to go out. */
const GOODBYE_MS = 1_000
const MOST_ASSOCIATIONS = 16
/** Commands, and data that no object is made of. */
const MOST_BYTES_UNKEPT = 2_000_000
/** What is announced; the guard lets four times as much through. */
const PDU_BYTES = 262_144
/** PS3.8 9.3.8: by the service provider, for no reason that has a number. */
const ABORT = [2, 0] as const

/** What is done with a C-STORE as its bytes come. */
interface Incoming {
  object: ReceivedObject | null
  /** Why it is not taken; what still comes of it goes nowhere. */
  refused: ObjectRefused | null
  kept: Kept | null
}

type Session = InstanceType<Dimse['Scp']>

/**
 * One connection that came in: an association (PS3.8) over which objects are stored (PS3.4 annex B). The library reads
 * and writes its messages; everything in it that would keep a data set, or write one anew, is replaced.
 */
export class ReceivingAssociation {
  readonly #ground: AssociationGround
  readonly #socket: Socket
  readonly #address: string
  readonly #scp: Session
  #patience: NodeJS.Timeout
  #from = ''
  #incoming: Incoming | null = null
  #unkeptBytes = 0
  readonly #series = new Map<string, Pick<Kept, 'studyUid' | 'seriesUid'>>()
  #beganMs = 0
  #isAsked = false
  #isReleased = false
  #isOver = false

  /** Takes the connection over, to its end. */
  constructor(ground: AssociationGround, socket: Socket, address: string) {
    this.#ground = ground
    this.#socket = socket
    this.#address = address
    this.#patience = setTimeout(
      () => {
        this.#abort('it connected and asked for nothing')
      },
      Math.min(ASK_MS, ground.settings.stallSeconds * 1_000),
    )
    const never = { connectTimeout: NEVER_MS, associationTimeout: NEVER_MS, pduTimeout: NEVER_MS }
    this.#scp = new ground.dimse.Scp(socket, never)
    this.#watch()
    this.#answerAssociation()
    this.#answerObjects()
    this.#answerTheRest()
  }

  /** Before the library sees a byte: its length, and how many no object was made of. */
  #watch(): void {
    const guard = pduGuard()
    this.#socket.prependListener('data', (bytes: Uint8Array) => {
      if (this.#ground.associated.has(this.#socket)) this.#patience.refresh()
      this.#unkeptBytes += bytes.length
      const wrong = this.#unkeptBytes > MOST_BYTES_UNKEPT ? 'more than a command has' : guard(bytes)
      if (wrong !== null) this.#abort(`it sent ${wrong}`)
    })
    this.#socket.on('error', () => undefined)
    this.#socket.once('close', () => {
      const brokeOff = !this.#isOver && this.#ground.associated.has(this.#socket)
      if (brokeOff) this.#note('it broke off before its end')
      this.#end()
    })
    this.#scp.on('networkError', () => {
      this.#abort('it sent something that makes no sense')
    })
  }

  #answerAssociation(): void {
    const scp = this.#scp
    scp.associationRequested = (association) => {
      if (this.#isOver) return
      if (this.#isAsked) this.#abort('it asked for an association twice')
      else this.#admit(association)
    }
    scp.associationReleaseRequested = () => {
      if (this.#isOver) return
      this.#isReleased = true
      scp.sendAssociationReleaseResponse()
      this.#end()
    }
    scp.abort = () => {
      this.#socket.destroy()
    }
  }

  #admit(association: DimseAssociation): void {
    const { settings, told, associated } = this.#ground
    this.#isAsked = true
    this.#from = calledItself(association)
    const rejected = rejection(settings, association, this.#address, associated.size >= MOST_ASSOCIATIONS)
    if (rejected !== null) {
      this.#note(rejected.why)
      this.#scp.sendAssociationReject(...rejected.answer)
      this.#end()
      return
    }
    answerContexts(association)
    // 0 stands for no bound at all.
    if (association.getMaxPduLength() === 0) association.setMaxPduLength(PDU_BYTES)
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => {
      this.#abort('it sent nothing for too long')
    }, settings.stallSeconds * 1_000)
    this.#beganMs = Date.now()
    associated.add(this.#socket)
    told.onOpen(associated.size)
    this.#scp.sendAssociationAccept()
  }

  #answerObjects(): void {
    const { dimse } = this.#ground
    const scp = this.#scp
    scp.createStoreWritableStream = (context, request) => {
      this.#begin(context, request)
      return new Writable({
        // The library loses the order of what comes where it is told to wait.
        highWaterMark: Number.MAX_SAFE_INTEGER,
        write: (bytes: Uint8Array, _encoding, done) => {
          this.#unkeptBytes = 0
          this.#try(({ object }) => {
            object?.write(bytes)
          })
          done()
        },
      })
    }
    scp.createDatasetFromStoreWritableStream = (_writable, context, done) => {
      this.#try((incoming) => {
        incoming.kept = incoming.object?.keep() ?? null
        incoming.object = null
      })
      done(new dimse.Dataset({}, context.getAcceptedTransferSyntaxUid()))
    }
    scp.cStoreRequest = (request, answer) => {
      if (!this.#isOver) answer(this.#answerTo(request))
    }
  }

  #begin(context: DimseContext, request: StoreRequest): void {
    this.#drop()
    if (this.#isOver || context.getResult() !== 0) throw new Error('this context was not agreed on')
    const sopClassUid = request.getAffectedSopClassUid()
    const announced = {
      sopClassUid,
      sopInstanceUid: request.getAffectedSopInstanceUid(),
      transferSyntaxUid: context.getAcceptedTransferSyntaxUid() ?? '',
    }
    this.#incoming = { object: null, refused: null, kept: null }
    this.#try((incoming) => {
      if (context.getAbstractSyntaxUid() !== sopClassUid)
        throw new ObjectRefused(STATUS.otherClass, 'its SOP class is another one than was agreed on')
      incoming.object = this.#ground.received.begin(announced)
    })
  }

  #answerTo(request: StoreRequest): StoreResponse {
    const { dimse, told } = this.#ground
    const { kept = null, refused = null } = this.#incoming ?? {}
    this.#incoming = null
    const response = dimse.responses.CStoreResponse.fromRequest(request)
    response.setStatus(STATUS.success)
    if (kept === null) {
      const words = refused?.message ?? 'no object came with the command'
      response.setStatus(refused?.status ?? STATUS.notUnderstood)
      response.setErrorComment(words)
      this.#note(`an object was not taken: ${refused?.note ?? words}`)
    } else {
      const { studyUid, seriesUid } = kept
      this.#series.set(`${studyUid}/${seriesUid}`, { studyUid, seriesUid })
      told.onKept(this.#from, kept)
    }
    this.#commandIsOver()
    return response
  }

  #answerTheRest(): void {
    const { dimse } = this.#ground
    const scp = this.#scp
    scp.cEchoRequest = (request, answer) => {
      if (this.#isOver) return
      const response = dimse.responses.CEchoResponse.fromRequest(request)
      response.setStatus(STATUS.success)
      this.#commandIsOver()
      answer(response)
    }
    const other = (): void => {
      this.#abort('it asked for something else than C-STORE and C-ECHO')
    }
    for (const command of OTHER_COMMANDS) scp[command] = other
  }

  /** A step of the object that is coming; why it is not taken is told when it is over. */
  #try(step: (incoming: Incoming) => void): void {
    const incoming = this.#incoming
    if (incoming === null || incoming.refused !== null) return
    try {
      step(incoming)
    } catch (error) {
      if (!(error instanceof ObjectRefused)) throw error
      incoming.refused = error
      incoming.object?.drop()
      incoming.object = null
    }
  }

  /** The library would read the next command behind this one where no data set came between them. */
  #commandIsOver(): void {
    this.#unkeptBytes = 0
    Reflect.set(this.#scp, 'dimseStream', undefined)
  }

  #note(why: string): void {
    this.#ground.told.onTurnedAway(this.#from, this.#address, why)
  }

  #drop(): void {
    this.#incoming?.object?.drop()
    this.#incoming = null
  }

  #abort(why: string): void {
    if (this.#isOver) return
    this.#note(why)
    this.#scp.sendAbort(...ABORT)
    this.#end()
  }

  /** Nothing more is read; what was said last goes out, and the connection ends whatever the other side does. */
  #end(): void {
    if (this.#isOver) return
    const { associated, told } = this.#ground
    this.#isOver = true
    this.#drop()
    clearTimeout(this.#patience)
    if (associated.delete(this.#socket)) {
      const [beganMs, endedMs] = [this.#beganMs, Date.now()]
      const series = [...this.#series.values()]
      if (series.length > 0) told.onEnded({ series, isWhole: this.#isReleased, beganMs, endedMs })
      told.onOpen(associated.size)
    }
    const goodbye = setTimeout(() => {
      this.#socket.destroy()
    }, GOODBYE_MS)
    this.#socket.once('close', () => {
      clearTimeout(goodbye)
    })
    this.#socket.removeAllListeners('data').resume().end()
  }
}

const OTHER_COMMANDS = [
  ...(['cFindRequest', 'cMoveRequest', 'cGetRequest', 'cCancelRequest'] as const),
  ...(['nCreateRequest', 'nActionRequest', 'nDeleteRequest', 'nGetRequest', 'nSetRequest'] as const),
  'nEventReportRequest',
] as const
