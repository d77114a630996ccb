import { DicomUid } from '../../../contract'
import { writeFileMeta } from '../../../core/dicom/write/write-dicom'
import { TRANSFER_SYNTAX_UIDS } from '../../../core/dicom/transfer-syntax'
import type { Arrivals } from '../arriving/arrivals'
import type { Arrival } from '../arriving/passing-file'
import { PacsFailure } from '../pacs-failure'
import { answersOf, expectAnswer } from './answers'
import { associate } from './associate'
import type { DimseGround, Receiver } from './associate'
import type { DimseContext } from './load-dimse'

/** An association has 128 contexts at most (PS3.8 9.3.2.2: odd numbers of one byte); some are for asking. */
const MOST_CONTEXTS = 120
/** Storage classes that are offered where the archive does not say which it has. */
const USUAL_CLASSES = [
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.77.1.5.1',
  '1.2.840.10008.5.1.4.1.1.66.4',
]

/**
 * C-GET (PS3.7 9.1.3): objects come over the association that asks for them, so that nothing listens here. Each storage
 * class is offered in each transfer syntax by itself: the archive sends what it has, as it has it.
 */
export async function getSeries(ground: DimseGround, arrivals: Arrivals): Promise<void> {
  const { dimse } = ground
  const { studyUid, seriesUid, listed } = arrivals
  const { CGetRequest } = dimse.requests
  const missing = arrivals.missing()
  const requests =
    missing.length === listed.length
      ? [CGetRequest.createSeriesGetRequest(studyUid, seriesUid)]
      : missing.map(({ sopInstanceUid }) =>
          CGetRequest.createImageGetRequest(studyUid, seriesUid, sopInstanceUid),
        )
  const answers = requests.map((request) => {
    request.setAddStorageSopClassesToAssociation(false)
    return answersOf(request)
  })
  const classes = new Set(missing.map(({ sopClassUid }) => sopClassUid).filter((uid) => uid !== ''))
  const receiver = receiverOf(ground, arrivals)
  try {
    const contexts = storageContexts(ground, classes.size === 0 ? USUAL_CLASSES : [...classes])
    await associate(ground, { requests, contexts, receiver })
  } finally {
    receiver.drop()
  }
  for (const answered of answers) expectAnswer(ground, answered, 'C-GET')
}

/** One context a class and syntax; where they are too many, one a class with all syntaxes. */
function storageContexts({ dimse }: DimseGround, classes: readonly string[]): readonly DimseContext[] {
  const { PresentationContext } = dimse.association
  const fit = classes.length * TRANSFER_SYNTAX_UIDS.length <= MOST_CONTEXTS
  const sets = fit ? TRANSFER_SYNTAX_UIDS.map((uid) => [uid]) : [TRANSFER_SYNTAX_UIDS]
  return classes.slice(0, MOST_CONTEXTS).flatMap((sopClass) =>
    sets.map((syntaxes) => {
      const context = new PresentationContext(0, sopClass)
      for (const syntax of syntaxes) context.addTransferSyntaxUid(syntax)
      return context
    }),
  )
}

/** Objects as files: the group that says what they are, then the data set as it comes. */
function receiverOf({ settings }: DimseGround, arrivals: Arrivals): Receiver & { readonly drop: () => void } {
  let arrival: Arrival | null = null
  const drop = (): void => {
    arrival?.drop()
    arrival = null
  }
  return {
    begin: (context, request) => {
      drop()
      const uids = {
        sopClassUid: request.getAffectedSopClassUid(),
        sopInstanceUid: request.getAffectedSopInstanceUid(),
        transferSyntaxUid: context.getAcceptedTransferSyntaxUid() ?? '',
      }
      if (Object.values(uids).some((uid) => !DicomUid.safeParse(uid).success))
        throw new PacsFailure(
          'pacs-damaged',
          `${settings.name} sent an object that does not say what it is.`,
          'Ask whoever runs the archive.',
        )
      arrival = arrivals.begin()
      arrival.write(writeFileMeta(uids))
    },
    write: (bytes) => {
      arrival?.write(bytes)
    },
    keep: () => {
      const whole = arrival
      arrival = null
      whole?.keep()
    },
    drop,
  }
}
