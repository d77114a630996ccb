import { z } from 'zod'

/**
 * Why something was refused: a closed list, so that scripts can rely on it. The page never invents a reason; it
 * shows `reason` (what happened, naming the thing) and `next` (what to do now).
 */
export const RefusalCode = z.enum([
  'file-unreadable',
  'file-empty',
  'not-dicom',
  'truncated',
  'structure-damaged',
  'transfer-syntax-unknown',
  'transfer-syntax-unsupported',
  'pixels-absent',
  'pixels-truncated',
  'pixels-damaged',
  'pixels-too-large',
  'pixel-format-unsupported',
  'picture-unsupported',
  'picture-black',
  'archive-damaged',
  'archive-too-large',
  'annotation-unsupported',
  'annotation-damaged',
  'annotation-mismatch',
  'annotation-doubtful',
  'path-outside-roots',
  'not-found',
  'request-invalid',
  'model-refused',
  'model-missing',
  'model-mismatch',
  'device-failed',
  'inference-failed',
  'signed-out',
  'not-allowed',
  'blind',
  'revision-conflict',
  'attempt-fixed',
  'workspace-failed',
  'pacs-settings',
  'pacs-unreachable',
  'pacs-refused',
  'pacs-stalled',
  'pacs-damaged',
  'pacs-mismatch',
  'cancelled',
  'limit-reached',
  'no-answer',
  'internal',
])
export type RefusalCode = z.infer<typeof RefusalCode>

export const Refusal = z.strictObject({
  code: RefusalCode,
  /** What happened, in words, naming the thing. */
  reason: z.string(),
  /** The file concerned, relative to its root where there is one. */
  path: z.string().optional(),
  /** Where in the file: a tag as (gggg,eeee), or a byte. */
  where: z.string().optional(),
  /** The next step, in words. */
  next: z.string().optional(),
})
export type Refusal = z.infer<typeof Refusal>

/** An expected failure is a value (never an exception). */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

/** Shorthand for a success. */
export const accept = <T>(value: T): Result<T> => ({ ok: true, value })

/** Shorthand for a refusal. */
export const refuse = (
  code: RefusalCode,
  reason: string,
  more: Omit<Partial<Refusal>, 'code' | 'reason'> = {},
): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal: { code, reason, ...more } })

/** Something worth knowing that did not stop the work: shown with an icon and kept in the report. */
export const Warning = z.strictObject({ code: z.string(), text: z.string() })
export type Warning = z.infer<typeof Warning>

/** Warnings of readings that ask nothing of anybody: said beside the readings, not counted among what needs somebody. */
const NOTICES: ReadonlySet<string> = new Set([
  'small-marks',
  'sessions-left-out',
  'reading-empty',
  'no-outline',
])
export const isNotice = ({ code }: Warning): boolean => NOTICES.has(code)
