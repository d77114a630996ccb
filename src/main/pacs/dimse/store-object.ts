import type { Outgoing } from '../outgoing'
import { answersOf, expectAnswer } from './answers'
import { associate } from './associate'
import type { DimseGround } from './associate'
import type { Dimse, DimseDataset } from './load-dimse'

/** C-STORE (PS3.7 9.1.1) of one object as it is: it is offered in its own transfer syntax, and sent in no other. */
export async function storeObject(ground: DimseGround, object: Outgoing): Promise<void> {
  const { dimse } = ground
  const request = new dimse.requests.CStoreRequest(asItIs(dimse, object))
  const context = new dimse.association.PresentationContext(0, object.sopClassUid, object.transferSyntaxUid)
  const answers = answersOf(request)
  await associate(ground, { requests: [request], contexts: [context] })
  expectAnswer(ground, answers, `C-STORE of ${object.file}`)
}

/** The bytes of the file behind its meta group. Any attempt to read it as elements, and so to write it anew, throws. */
function asItIs(dimse: Dimse, { bytes, dataSetAt, ...uids }: Outgoing): DimseDataset {
  class AsItIs extends dimse.Dataset {
    override getElements(): never {
      throw new Error('an object is sent as it is, or not at all')
    }
    override getDenaturalizedDataset(): Buffer {
      return Buffer.from(bytes.buffer, bytes.byteOffset + dataSetAt, bytes.byteLength - dataSetAt)
    }
  }
  return new AsItIs(
    { SOPClassUID: uids.sopClassUid, SOPInstanceUID: uids.sopInstanceUid },
    uids.transferSyntaxUid,
  )
}
