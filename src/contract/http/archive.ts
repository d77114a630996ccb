import { z } from 'zod'
import { Refusal } from '../refusal'
import { Subject } from './annotation'
import { AeTitle, SettingsFileName } from './archive-names'
import { ExportRequest } from './exchange'
import { ScanResult } from './library'
import { ReceiverSettings } from './receiving'
import { RunExportRequest } from './run-export'

/** UID as the standard writes it (PS3.5 9.1), so that it may name a file. Leading zeros of a component do occur. */
export const DicomUid = z
  .string()
  .max(64)
  .regex(/^\d+(\.\d+)*$/, 'is no UID')
export type DicomUid = z.infer<typeof DicomUid>

/** What an archive is called here, by its owner. */
export const ArchiveName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u, 'has letters, digits, blanks, dots, dashes; 40 at most')

/**
 * Where the credentials are, never what they are: a file beside the settings that only its owner may read, or a variable
 * of the environment. Either holds `user:password`, or `Bearer TOKEN`.
 */
export const ArchiveCredentials = z.union([
  z.strictObject({ file: SettingsFileName }),
  z.strictObject({
    environment: z.string().regex(/^MARGIN_ARCHIVE_\w{1,60}$/, 'begins with MARGIN_ARCHIVE_'),
  }),
])
export type ArchiveCredentials = z.infer<typeof ArchiveCredentials>

const shared = {
  name: ArchiveName,
  /** PEM certificates that are trusted beside none other, for an archive whose authority the system does not know. */
  caFile: SettingsFileName.optional(),
  /** After so long without a byte an archive has stalled. */
  stallSeconds: z.number().int().min(1).max(600).default(60),
}

/** DICOMweb (PS3.18): QIDO-RS, WADO-RS and STOW-RS below one address. */
export const WebArchiveSettings = z.strictObject({
  ...shared,
  kind: z.literal('dicomweb'),
  url: z.url({ protocol: /^https?$/, error: 'is no address that begins with https:// or http://' }),
  credentials: ArchiveCredentials.optional(),
})
export type WebArchiveSettings = z.infer<typeof WebArchiveSettings>

/** DIMSE (PS3.7): C-ECHO, C-FIND, C-GET and C-STORE over an association. */
export const DimseArchiveSettings = z.strictObject({
  ...shared,
  kind: z.literal('dimse'),
  host: z.string().regex(/^[\w.:-]{1,253}$/, 'is no host'),
  port: z.number().int().min(1).max(65_535),
  aeTitle: AeTitle,
  ownAeTitle: AeTitle.default('MARGIN'),
  tls: z.boolean().default(false),
})
export type DimseArchiveSettings = z.infer<typeof DimseArchiveSettings>

export const ArchiveSettings = z.discriminatedUnion('kind', [WebArchiveSettings, DimseArchiveSettings])
export type ArchiveSettings = z.infer<typeof ArchiveSettings>

/** `archives.json` in the folder `archives` of the workspace. */
export const ArchivesFile = z.strictObject({
  archives: z
    .array(ArchiveSettings)
    .max(50)
    .refine(
      (archives) => new Set(archives.map(({ name }) => name)).size === archives.length,
      'two archives have one name',
    )
    .default([]),
  /** Not there: nothing listens. */
  receiver: ReceiverSettings.optional(),
})
export type ArchivesFile = z.infer<typeof ArchivesFile>

/** An archive as it is told: no credentials in it, nor where they are. */
export const ArchiveSummary = z.strictObject({
  name: ArchiveName,
  kind: z.enum(['dicomweb', 'dimse']),
  address: z.string(),
  encrypted: z.boolean(),
  /** Why it cannot be asked; null: it can. Nothing was contacted to know. */
  refusal: Refusal.nullable(),
})
export type ArchiveSummary = z.infer<typeof ArchiveSummary>

/** `GET /api/archives`, to the owner. Command line: `margin archive list`. */
export const ArchiveList = z.strictObject({
  archives: z.array(ArchiveSummary),
  /** The file that names them. */
  settingsPath: z.string(),
  /** Why that file cannot be used; null: it can, or is not there. */
  refusal: Refusal.nullable(),
})
export type ArchiveList = z.infer<typeof ArchiveList>

/** `POST /api/archives/:name/echo`. Command line: `margin archive echo`. */
export const ArchiveEcho = z.strictObject({ name: ArchiveName, answeredMs: z.number().nonnegative() })
export type ArchiveEcho = z.infer<typeof ArchiveEcho>

/** Text that an archive compares with: no backslash, which would be two values, no control characters. */
const Asked = z
  .string()
  .trim()
  .max(64)
  .regex(/^[^\\\p{Cc}]*$/u, 'has a backslash or a control character')
const Day = z.union([z.literal(''), z.string().regex(/^\d{8}$/, 'is no day as YYYYMMDD')])

/**
 * `POST /api/archives/:name/studies`. Command line: `margin archive find`. An empty field asks nothing; one at least is
 * filled. `*` and `?` stand for any letters in numbers and name; a name without them is looked for at the beginning.
 */
export const StudyQuery = z
  .strictObject({
    patientId: Asked.default(''),
    patientName: Asked.default(''),
    accessionNumber: Asked.default(''),
    studyFrom: Day.default(''),
    studyTo: Day.default(''),
    modality: z
      .string()
      .regex(/^[A-Z0-9_ ]{0,16}$/, 'is no modality such as CT')
      .default(''),
  })
  .refine(
    (query) => Object.values(query).some((asked) => asked.replaceAll(/[*?]/g, '') !== ''),
    'Say what to look for: patient, accession number, date or modality. * alone asks for everything: add a letter, or another field.',
  )
export type StudyQuery = z.infer<typeof StudyQuery>

export const ArchiveStudy = z.strictObject({
  studyUid: DicomUid,
  patientId: z.string(),
  patientName: z.string(),
  accessionNumber: z.string(),
  studyDate: z.string(),
  description: z.string(),
  modalities: z.array(z.string()),
  series: z.number().int().nonnegative().nullable(),
  objects: z.number().int().nonnegative().nullable(),
})
export type ArchiveStudy = z.infer<typeof ArchiveStudy>

export const ArchiveStudies = z.strictObject({
  studies: z.array(ArchiveStudy),
  /** false: there are more than are listed. */
  complete: z.boolean(),
})
export type ArchiveStudies = z.infer<typeof ArchiveStudies>

/** `POST /api/archives/:name/series` */
export const SeriesQuery = z.strictObject({ studyUid: DicomUid })
export type SeriesQuery = z.infer<typeof SeriesQuery>

export const ArchiveSeries = z.strictObject({
  seriesUid: DicomUid,
  modality: z.string(),
  description: z.string(),
  seriesNumber: z.number().int().nullable(),
  objects: z.number().int().nonnegative().nullable(),
})
export type ArchiveSeries = z.infer<typeof ArchiveSeries>

export const ArchiveSeriesList = z.strictObject({ studyUid: DicomUid, series: z.array(ArchiveSeries) })
export type ArchiveSeriesList = z.infer<typeof ArchiveSeriesList>

/** `POST /api/archives/:name/fetch`, to the owner. Answer: JSON lines of ArchiveFetchLine. Command line: `margin archive fetch`. */
export const FetchRequest = z.strictObject({
  studyUid: DicomUid,
  seriesUids: z.array(DicomUid).min(1).max(500),
})
export type FetchRequest = z.infer<typeof FetchRequest>

/** Objects that are here, whole and looked at, of those that were asked for; what was here before counts from the start. */
export const FetchProgress = z.strictObject({
  objectsDone: z.number().int().nonnegative(),
  objectsTotal: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
})
export type FetchProgress = z.infer<typeof FetchProgress>

/** What is here at the end of a fetch: every object of every series that was asked for, or the fetch was refused. */
export const Fetched = z.strictObject({
  studyUid: DicomUid,
  /** Of the study: a folder for each series in it. */
  folder: z.string(),
  objects: z.number().int().positive(),
  /** Of them those that were fetched now. */
  fetchedNow: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
})
export type Fetched = z.infer<typeof Fetched>

export const ArchiveFetchLine = z.discriminatedUnion('kind', [
  FetchProgress.extend({ kind: z.literal('progress') }),
  z.strictObject({ kind: z.literal('done'), fetched: Fetched, result: ScanResult }),
  z.strictObject({ kind: z.literal('refused'), refusal: Refusal }),
])
export type ArchiveFetchLine = z.infer<typeof ArchiveFetchLine>

/**
 * `POST /api/archives/:name/send`, to the owner: the DICOM objects of what the same request hands out as a ZIP, under
 * the rules by which it is handed out.
 */
export const SendRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('readings'), request: ExportRequest }),
  z.strictObject({ kind: z.literal('run'), request: RunExportRequest }),
  z.strictObject({ kind: z.literal('measurements'), subject: Subject }),
])
export type SendRequest = z.infer<typeof SendRequest>

/** What an archive said of one object. */
export const SentObject = z.strictObject({
  file: z.string(),
  sopInstanceUid: DicomUid,
  /** null: it has taken it. */
  refusal: Refusal.nullable(),
})
export type SentObject = z.infer<typeof SentObject>

/** What an archive said, object by object. Command line: `margin archive send`. */
export const SentObjects = z.strictObject({
  name: ArchiveName,
  objects: z.array(SentObject),
  /** Whether the archive had the study of these objects before; null: it was not asked. */
  studyThere: z.boolean().nullable(),
})
export type SentObjects = z.infer<typeof SentObjects>
