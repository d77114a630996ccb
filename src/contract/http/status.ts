import { z } from 'zod'
import { Manifest } from '../manifest'
import { Refusal } from '../refusal'

/** `GET /api/models`: each package found, checked; one that fails is listed with the refusal, never silently dropped. */
export const InstalledModel = z.strictObject({
  id: z.string(),
  path: z.string(),
  manifest: Manifest.nullable(),
  card: z.string(),
  /** Of its manifest, by which runs name it; null: it could not be read whole. */
  sha256: z.string().nullable(),
  /** All files of the package together. */
  sizeBytes: z.number().int().nonnegative(),
  refusal: Refusal.nullable(),
  /** Of a package that was made here; null: it came with the program or was put there. */
  standing: z
    .strictObject({
      parentId: z.string().nullable(),
      /** It may be tried, stands for no other, and its figures say so. */
      experimental: z.boolean(),
      promotedAt: z.string().nullable(),
      /** Why it is experimental although the record beside it says that it was promoted. */
      doubt: z.string().nullable(),
    })
    .nullable(),
})
export type InstalledModel = z.infer<typeof InstalledModel>

/** `GET /api/status` */
export const Status = z.strictObject({
  version: z.string(),
  door: z.enum(['electron', 'browser']),
  researchUse: z.string(),
  /** Roots that scans are confined to. */
  roots: z.array(z.string()),
  /** What the start command asked for; paths that it named only until they were scanned. */
  openFirst: z.enum(['library', 'demo', 'roots', 'only-case']),
  /** Where raters sign in, what the start command named is opened for all of them: how far that is; null: done. */
  opening: z
    .strictObject({ filesRead: z.number().int().nonnegative(), filesTotal: z.number().int().nonnegative() })
    .nullable(),
})
export type Status = z.infer<typeof Status>

/** `POST /api/demo`: makes and opens the built-in case. */
export const DemoOpened = z.strictObject({ seriesUid: z.string(), imageId: z.string() })
export type DemoOpened = z.infer<typeof DemoOpened>

/** `margin doctor`; `GET /api/doctor`, and `GET /api/doctor/devices` for the devices alone */
export const DoctorCheck = z.strictObject({
  name: z.string(),
  state: z.enum(['ok', 'missing', 'warning']),
  found: z.string(),
  next: z.string(),
})
export type DoctorCheck = z.infer<typeof DoctorCheck>
export const DoctorReport = z.strictObject({ checks: z.array(DoctorCheck) })
export type DoctorReport = z.infer<typeof DoctorReport>
