import { accept, refuse } from '../../contract'
import type { ChangePassword, GivenPassword, Rater, Result } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { ownerOnly } from './owner-only'
import { checkPassword, drawPassword, hashPassword } from './password'
import type { Sessions } from './sessions'

/**
 * A password that the owner gives out: shown this once and kept as a hash alone. Sessions of the rater began with
 * another one, and so end.
 */
export async function giveOneTimePassword(
  store: StoreCalls,
  hasAccounts: boolean,
  rater: Rater,
  raterId: string,
): Promise<Result<GivenPassword>> {
  const allowed = ownerOnly(rater, 'Giving out a password')
  if (!allowed.ok) return allowed
  if (!hasAccounts)
    return refuse('request-invalid', 'Nobody signs in here: this Margin has no accounts.', {
      next: 'Start it with margin serve --accounts.',
    })
  if (raterId === rater.raterId)
    return refuse('request-invalid', 'Your own password is changed by yourself.', {
      next: 'Click your name above.',
    })
  const password = drawPassword()
  const passwordHash = await hashPassword(password)
  const set = await store.setPassword(raterId, { passwordHash, oneTime: true }, rater.raterId)
  return set.ok ? accept({ raterId, password }) : set
}

/**
 * The current password is asked for, and held after wrong ones, as at the sign-in: whoever finds a page open does not
 * take the account over. Gives a new session; those that began with the old password end.
 */
export async function changeOwnPassword(
  store: StoreCalls,
  sessions: Sessions,
  rater: Rater,
  { current, next }: ChangePassword,
  address: string,
): Promise<Result<{ readonly token: string; readonly rater: Rater; readonly mustChangePassword: false }>> {
  if (current === next)
    return refuse('request-invalid', 'The new password is the old one.', { next: 'Choose another one.' })
  const raters = await store.raters()
  if (!raters.ok) return raters
  const known = raters.value.find(({ raterId }) => raterId === rater.raterId)
  const passwordHash = await hashPassword(next)
  const token = await sessions.signIn({
    name: rater.name,
    address,
    raterId: rater.raterId,
    credential: passwordHash,
    isRight: () => checkPassword(known?.passwordHash ?? null, current),
  })
  if (!token.ok) return token.refusal.code === 'signed-out' ? wrongPassword : token
  const set = await store.setPassword(rater.raterId, { passwordHash, oneTime: false }, rater.raterId)
  if (set.ok) return accept({ token: token.value, rater, mustChangePassword: false })
  sessions.end(token.value)
  return set
}

const wrongPassword = refuse('not-allowed', 'The current password is not right.', {
  next: 'Try again, or ask the owner of the workspace for a new one.',
})
