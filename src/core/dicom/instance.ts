import type { Orientation, PatientPoint, PixelSpacing, Warning, WindowSetting } from '../../contract'
import type { PixelLayout } from '../image/pixel-layout'

export interface Rescale {
  readonly slope: number
  readonly intercept: number
  readonly unit: string
}

/** Where one frame lies, and how its stored values become values. */
export interface FramePlace {
  readonly positionMm: PatientPoint | null
  readonly orientation: Orientation | null
  readonly spacingMm: PixelSpacing | null
  readonly rescale: Rescale
  /** As those of the instance, where the frame says them itself; absent or empty where it does not. */
  readonly stackKeys?: readonly string[]
}

/** Everything about one file that its series is made of. Plain values: it crosses between threads. */
export interface Instance {
  /** The file, as it is named to the user. */
  readonly path: string
  readonly sopInstanceUid: string
  readonly sopClassUid: string
  readonly seriesUid: string
  readonly studyUid: string
  readonly transferSyntaxUid: string
  readonly patientId: string
  /** Of who gave the patient's ID, birth date and sex: an ID alone may be of several people. Absent: none is stated. */
  readonly patientMark?: string
  /** Of all that the file states of its patient (patients-apart.ts). Absent: it is no DICOM file. */
  readonly patientIdentity?: readonly string[]
  readonly modality: string
  readonly description: string
  readonly seriesNumber: number | null
  readonly instanceNumber: number | null
  readonly studyDate: string
  readonly seriesDate: string
  readonly bodyPart: string
  /** Absent: the file states none. */
  readonly frameOfReferenceUid?: string
  readonly kernel: string
  readonly kilovoltagePeak: string
  readonly sliceThicknessMm: number | null
  /** What tells stacks at the same places apart: time points, echoes, kernels, acquisitions; the strongest first. */
  readonly stackKeys: readonly string[]
  readonly layout: PixelLayout
  readonly photometric: string
  /** Stored value of what lies outside the scanned field. */
  readonly paddingStored: number | null
  readonly windows: readonly WindowSetting[]
  readonly lossy: boolean
  /** One a frame that is really there. */
  readonly frames: readonly FramePlace[]
  readonly warnings: readonly Warning[]
}

/** A DICOM object without an image to show: a report, a segmentation, a plan, a directory. */
export interface DicomDocument {
  readonly path: string
  readonly sopClassUid: string
  readonly seriesUid: string | null
  readonly note: string
}
