import { z } from 'zod'
import { raterNameFault } from '../rater-name'

export const RaterRole = z.enum(['owner', 'reader'])
export type RaterRole = z.infer<typeof RaterRole>

/** A person who reads. Names stay in the workspace; exports carry the pseudonym. */
export const Rater = z.strictObject({
  raterId: z.string(),
  name: z.string().min(1).max(80),
  pseudonym: z.string(),
  role: RaterRole,
  /** Signs in no more; what was committed stays, and is named as of a retired reader. */
  retired: z.boolean(),
})
export type Rater = z.infer<typeof Rater>

/** What keeps finished work from reaching the disk at the moment; the work is kept in memory, and export is offered. */
export const WorkspaceTrouble = z.strictObject({ reason: z.string(), next: z.string() })
export type WorkspaceTrouble = z.infer<typeof WorkspaceTrouble>

/** `GET /api/session`: who asks, and where the work is kept. */
export const SessionState = z.strictObject({
  /** Whether raters sign in with a password; without accounts there is one local rater. */
  accounts: z.boolean(),
  rater: Rater.nullable(),
  /** The rater came in by a password that was given out once: nothing is answered before another one is chosen. */
  mustChangePassword: z.boolean(),
  workspace: z.strictObject({
    name: z.string(),
    kind: z.enum(['sqlite', 'postgres']),
    trouble: WorkspaceTrouble.nullable(),
  }),
})
export type SessionState = z.infer<typeof SessionState>

/** `POST /api/session`. A wrong name and a wrong password are answered alike, and ever more slowly. */
export const SignIn = z.strictObject({
  name: z.string().min(1).max(80),
  password: z.string().min(1).max(1024),
})
export type SignIn = z.infer<typeof SignIn>

const NewPassword = z
  .string()
  .min(8, 'A password has at least 8 characters.')
  .max(1024, 'A password has at most 1,024 characters.')

/** `POST /api/session/password`, by the rater: ends every other session of theirs. A wrong `current` is held like a sign-in. */
export const ChangePassword = z.strictObject({ current: z.string().min(1).max(1024), next: NewPassword })
export type ChangePassword = z.infer<typeof ChangePassword>

/** A password that the owner gave out lets nobody in after this time. */
export const ONE_TIME_HOURS = 72

/** `POST /api/raters/:raterId/password`, by the owner: shown this once; it lets in to choose another one. */
export const GivenPassword = z.strictObject({ raterId: z.string(), password: z.string() })
export type GivenPassword = z.infer<typeof GivenPassword>

/** `POST /api/raters/:raterId/retired`, by the owner. */
export const RetireRater = z.strictObject({ retired: z.boolean() })
export type RetireRater = z.infer<typeof RetireRater>

/** `POST /api/raters`, by the owner. Blanks around a name are not of it; what cannot be seen is in none. */
export const NewRater = z.strictObject({
  name: z
    .string()
    .superRefine((name, context) => {
      const fault = raterNameFault(name)
      if (fault !== null) context.addIssue(fault)
    })
    .trim(),
  password: NewPassword,
  role: RaterRole,
})
export type NewRater = z.infer<typeof NewRater>

/** `GET /api/raters`, to the owner. */
export const RaterList = z.strictObject({ raters: z.array(Rater) })
export type RaterList = z.infer<typeof RaterList>
