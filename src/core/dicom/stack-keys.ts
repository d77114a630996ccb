/** What tells stacks at the same places of one series apart, by file and by frame; the strongest first. */
import type { DataSet } from './read-elements'
import { TAG } from './elements'
import { codes, float, items, longWord } from './values'

type Reader = (set: DataSet) => string

const text =
  (tag: number): Reader =>
  (set) =>
    codes(set, tag).join('\\')
const long =
  (tag: number): Reader =>
  (set) => {
    const value = longWord(set, tag)
    return value === null ? '' : String(value)
  }
const double =
  (tag: number): Reader =>
  (set) => {
    const value = float(set, tag)
    return value === null ? '' : String(value)
  }

interface StackKey {
  readonly ofFile: Reader
  /** Where a frame of an enhanced object says it (PS3.3 C.7.6.16): the sequence and the element in it. */
  readonly ofFrame: readonly (readonly [number, Reader])[]
}

const STACK_KEYS: readonly StackKey[] = [
  { ofFile: text(TAG.StackID), ofFrame: [[TAG.FrameContentSequence, text(TAG.StackID)]] },
  {
    ofFile: text(TAG.TemporalPositionIdentifier),
    ofFrame: [
      [TAG.FrameContentSequence, long(TAG.TemporalPositionIndex)],
      [TAG.TemporalPositionSequence, double(TAG.TemporalPositionTimeOffset)],
    ],
  },
  {
    ofFile: text(TAG.ConvolutionKernel),
    ofFrame: [[TAG.CTReconstructionSequence, text(TAG.ConvolutionKernel)]],
  },
  {
    ofFile: text(TAG.ImageType),
    ofFrame: [
      [TAG.CTImageFrameTypeSequence, text(TAG.FrameType)],
      [TAG.MRImageFrameTypeSequence, text(TAG.FrameType)],
    ],
  },
  {
    ofFile: text(TAG.AcquisitionNumber),
    ofFrame: [[TAG.FrameContentSequence, long(TAG.FrameAcquisitionNumber)]],
  },
  { ofFile: text(TAG.EchoTime), ofFrame: [[TAG.MREchoSequence, double(TAG.EffectiveEchoTime)]] },
  { ofFile: double(TAG.DiffusionBValue), ofFrame: [[TAG.MRDiffusionSequence, double(TAG.DiffusionBValue)]] },
  { ofFile: text(TAG.TriggerTime), ofFrame: [] },
  { ofFile: text(TAG.KVP), ofFrame: [] },
  {
    ofFile: text(TAG.AcquisitionTime),
    ofFrame: [[TAG.FrameContentSequence, text(TAG.FrameAcquisitionDateTime)]],
  },
  { ofFile: text(TAG.ContentTime), ofFrame: [[TAG.FrameContentSequence, text(TAG.FrameReferenceDateTime)]] },
]

export const fileStackKeys = (root: DataSet): readonly string[] =>
  STACK_KEYS.map(({ ofFile }) => ofFile(root))

/** The keys that a frame's functional groups say; empty where they are silent. */
export const frameStackKeys = (group: DataSet): readonly string[] =>
  STACK_KEYS.map(({ ofFrame }) => {
    const said = ofFrame.flatMap(([sequence, read]) => items(group, sequence).slice(0, 1).map(read))
    return said.find((value) => value !== '') ?? ''
  })
