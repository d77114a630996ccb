import { z } from 'zod'

export const RaterRole = z.enum(['owner', 'reader'])
export type RaterRole = z.infer<typeof RaterRole>

/** A person who reads. Names stay in the workspace; exports carry the pseudonym. */
export const Rater = z.strictObject({
  raterId: z.string(),
  name: z.string().min(1).max(80),
  pseudonym: z.string(),
  role: RaterRole,
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

/** `POST /api/raters`, by the owner. Blanks around a name are not of it, and a name of blanks is none. */
export const NewRater = z.strictObject({
  name: z.string().trim().min(1).max(80),
  password: z.string().min(8).max(1024),
  role: RaterRole,
})
export type NewRater = z.infer<typeof NewRater>

/** `GET /api/raters`, to the owner. */
export const RaterList = z.strictObject({ raters: z.array(Rater) })
export type RaterList = z.infer<typeof RaterList>
