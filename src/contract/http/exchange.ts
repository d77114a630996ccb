import { z } from 'zod'
import { Refusal, Warning } from '../refusal'
import { Subject } from './annotation'

export const ExportFormat = z.enum(['seg', 'rtstruct', 'nifti', 'png', 'coco', 'lidc-xml', 'bundle'])
export type ExportFormat = z.infer<typeof ExportFormat>

/**
 * `POST /api/exports`: answer: a ZIP (`application/zip`) with one file a reader, what was written re-read and found
 * equal before; the exposure log goes with it. A reader gets the own readings before the reveal, all after it.
 */
export const ExportRequest = z.strictObject({
  subject: Subject,
  panelId: z.string().nullable(),
  format: ExportFormat,
  /** Which of the readings that may be shown; empty: all of them. */
  readingIds: z.array(z.string()).max(1000),
  consensus: z.enum(['none', 'majority', 'staple']),
})
export type ExportRequest = z.infer<typeof ExportRequest>

/**
 * `POST /api/panels/:panelId/export`, by the owner: every committed reading of the panel in one ZIP, the same bytes for
 * the same readings. Refused with `blind` while the owner still reads any case of it blind.
 */
export const PanelExportRequest = z.strictObject({
  formats: z
    .array(ExportFormat.exclude(['bundle']))
    .min(1)
    .refine((formats) => new Set(formats).size === formats.length, 'a format stands there twice'),
})
export type PanelExportRequest = z.infer<typeof PanelExportRequest>

/** Stands in the ZIP of a panel as `manifest.json`: every other file of it. */
export const PanelExportManifest = z.strictObject({
  version: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      sha256: z.string(),
      /** Number of the case in the table of answers, pseudonym and attempt; null: a file about the whole panel. */
      case: z.number().int().positive().nullable(),
      reader: z.string().nullable(),
    }),
  ),
})
export type PanelExportManifest = z.infer<typeof PanelExportManifest>

/** Stands in the ZIP as `export.json`. */
export const ExportManifest = z.strictObject({
  madeAt: z.string(),
  version: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      sha256: z.string(),
      /** Pseudonym. */
      reader: z.string(),
      attempt: z.number().int().positive().nullable(),
      blind: z.boolean(),
      verdict: z.string(),
      /** How sure the reader was, 1 to 5; null where that was not said. */
      confidence: z.number().int().min(1).max(5).nullable(),
      comment: z.string(),
      /** Why it cannot be judged. */
      reason: z.string(),
    }),
  ),
  warnings: z.array(Warning),
})
export type ExportManifest = z.infer<typeof ExportManifest>

/** `POST /api/imports?format=…&reader=…&name=…&seriesUid=|imageId=`, body: the file. Comes in as a reading of a named reader, never into an own attempt. */
export const ImportQuery = z.strictObject({
  format: z.enum(['seg', 'rtstruct', 'nifti', 'png', 'coco', 'lidc-xml']),
  reader: z.string().min(1).max(80),
  /** The file's own name: masks say by it which slice they are of. */
  name: z.string().max(1024).optional(),
  seriesUid: z.string().optional(),
  imageId: z.string().optional(),
  /** A person was told what is doubtful of the file (`annotation-doubtful`) and brings it in all the same. */
  despite: z.literal('doubts').optional(),
})
export type ImportQuery = z.infer<typeof ImportQuery>

/** `POST /api/imports/:importId`: a reading from a file is withdrawn (its owner or who brought it in), or let into the figures of a panel or out of them (the owner). */
export const ChangeImport = z.strictObject({ change: z.enum(['withdraw', 'count', 'leave-out']) })
export type ChangeImport = z.infer<typeof ChangeImport>
export const ChangedImport = z.strictObject({
  importId: z.string(),
  withdrawn: z.boolean(),
  counted: z.boolean(),
})
export type ChangedImport = z.infer<typeof ChangedImport>

export const ImportOutcome = z.strictObject({
  readings: z.number().int().nonnegative(),
  structures: z.number().int().nonnegative(),
  slices: z.number().int().nonnegative(),
  refused: z.array(Refusal),
  warnings: z.array(Warning),
})
export type ImportOutcome = z.infer<typeof ImportOutcome>

/** `GET /api/audit/verify`, `margin audit verify`. */
export const AuditVerdict = z.strictObject({
  entries: z.number().int().nonnegative(),
  whole: z.boolean(),
  /** The first entry that does not fit the chain. */
  brokenAt: z.number().int().positive().nullable(),
  head: z.string(),
})
export type AuditVerdict = z.infer<typeof AuditVerdict>

/** The same to an owner who still reads blind: how long the log is would tell what others do meanwhile. */
export const BlindAuditVerdict = AuditVerdict.pick({ whole: true })
export type BlindAuditVerdict = z.infer<typeof BlindAuditVerdict>

/** One line of `GET /api/audit`, and of the exported log: `hash` = sha256(previous hash, canonical JSON of the rest). */
export const AuditEntry = z.strictObject({
  number: z.number().int().positive(),
  at: z.string(),
  raterId: z.string().nullable(),
  act: z.string(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  previousHash: z.string(),
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>
