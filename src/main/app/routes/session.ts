import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { ChangePassword, NewRater, RetireRater, SignIn } from '../../../contract'
import type { Result } from '../../../contract'
import type { Accounts, SignedIn } from '../../accounts/create-accounts'
import type { Services } from '../services'
import { answerRefusal, parseBody } from '../answer'
import { PEER_HEADER, askingRater, forRater, forRaterWith, isSecure, raterCookie } from '../asking'

const raterIdOf = (c: Context): string => c.req.param('raterId') ?? ''
const addressOf = (c: Context): string => c.req.header(PEER_HEADER) ?? ''

/** A name and passwords: anybody may send it, before it is known who asks. */
const MOST_BYTES = 16_384

/** Who asks, signing in and out, and the raters of the workspace. */
export function sessionRoutes({ accounts }: Services): Hono {
  const routes = new Hono()
  raterRoutes(routes, accounts)
  const begin = async (c: Context, signed: Result<SignedIn>): Promise<Response> => {
    if (!signed.ok) return answerRefusal(c, signed.refusal)
    setCookie(c, raterCookie(c), signed.value.token, {
      path: '/',
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(c),
    })
    return c.json(await accounts.session(signed.value))
  }
  routes
    .get('/session', async (c) => {
      const { rater, mustChangePassword } = c.var
      return c.json(await accounts.session(rater === null ? null : { rater, mustChangePassword }))
    })
    .post('/session', async (c) => {
      const request = await parseBody(c, SignIn, MOST_BYTES)
      return request.ok
        ? begin(c, await accounts.signIn(request.value, addressOf(c)))
        : answerRefusal(c, request.refusal)
    })
    .post('/session/password', async (c) => {
      const rater = askingRater(c)
      if (!rater.ok) return answerRefusal(c, rater.refusal)
      const request = await parseBody(c, ChangePassword, MOST_BYTES)
      return request.ok
        ? begin(c, await accounts.changePassword(rater.value, request.value, addressOf(c)))
        : answerRefusal(c, request.refusal)
    })
    .post('/session/end', async (c) => {
      const token = getCookie(c, raterCookie(c))
      if (token !== undefined) accounts.signOut(token)
      deleteCookie(c, raterCookie(c), { path: '/', secure: isSecure(c) })
      return c.json(await accounts.session(null))
    })
  return routes
}

function raterRoutes(routes: Hono, accounts: Accounts): void {
  routes
    .get(
      '/raters',
      forRater((_c, rater) => accounts.list(rater)),
    )
    .post(
      '/raters',
      forRaterWith(NewRater, (rater, request) => accounts.add(rater, request)),
    )
    .post(
      '/raters/:raterId/password',
      forRater((c, rater) => accounts.givePassword(rater, raterIdOf(c))),
    )
    .post(
      '/raters/:raterId/retired',
      forRaterWith(RetireRater, (rater, { retired }, c) => accounts.retire(rater, raterIdOf(c), retired)),
    )
}
