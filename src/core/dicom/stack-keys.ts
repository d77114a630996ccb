/** What tells stacks at the same places of one series apart, by file and by frame; the strongest first. */
import type { DataSet } from './read-elements'
import { TAG } from './tag'
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
  { ofFile: text(TAG.stackId), ofFrame: [[TAG.frameContentSequence, text(TAG.stackId)]] },
  {
    ofFile: text(TAG.temporalPositionIdentifier),
    ofFrame: [
      [TAG.frameContentSequence, long(TAG.temporalPositionIndex)],
      [TAG.temporalPositionSequence, double(TAG.temporalPositionTimeOffset)],
    ],
  },
  {
    ofFile: text(TAG.convolutionKernel),
    ofFrame: [[TAG.ctReconstructionSequence, text(TAG.convolutionKernel)]],
  },
  {
    ofFile: text(TAG.imageType),
    ofFrame: [
      [TAG.ctImageFrameTypeSequence, text(TAG.frameType)],
      [TAG.mrImageFrameTypeSequence, text(TAG.frameType)],
    ],
  },
  {
    ofFile: text(TAG.acquisitionNumber),
    ofFrame: [[TAG.frameContentSequence, long(TAG.frameAcquisitionNumber)]],
  },
  { ofFile: text(TAG.echoTime), ofFrame: [[TAG.mrEchoSequence, double(TAG.effectiveEchoTime)]] },
  { ofFile: double(TAG.diffusionBValue), ofFrame: [[TAG.mrDiffusionSequence, double(TAG.diffusionBValue)]] },
  { ofFile: text(TAG.triggerTime), ofFrame: [] },
  { ofFile: text(TAG.kilovoltagePeak), ofFrame: [] },
  {
    ofFile: text(TAG.acquisitionTime),
    ofFrame: [[TAG.frameContentSequence, text(TAG.frameAcquisitionDateTime)]],
  },
  { ofFile: text(TAG.contentTime), ofFrame: [[TAG.frameContentSequence, text(TAG.frameReferenceDateTime)]] },
]

export const fileStackKeys = (root: DataSet): readonly string[] =>
  STACK_KEYS.map(({ ofFile }) => ofFile(root))

/** The keys that a frame's functional groups say; empty where they are silent. */
export const frameStackKeys = (group: DataSet): readonly string[] =>
  STACK_KEYS.map(({ ofFrame }) => {
    const said = ofFrame.flatMap(([sequence, read]) => items(group, sequence).slice(0, 1).map(read))
    return said.find((value) => value !== '') ?? ''
  })
