import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { NewRater, SignIn } from '../../../contract'
import type { Services } from '../services'
import { answerRefusal, parseBody } from '../answer'
import { forRater, isSecure, onParsed, raterCookie } from '../asking'

/** Who asks, signing in and out, and the raters of the workspace. */
export function sessionRoutes({ accounts }: Services): Hono {
  const routes = new Hono()
  routes
    .get('/session', async (c) => c.json(await accounts.session(c.var.rater)))
    .post('/session', async (c) => {
      const request = await parseBody(c, SignIn)
      if (!request.ok) return answerRefusal(c, request.refusal)
      const signed = await accounts.signIn(request.value, c.req.header('x-margin-peer') ?? '')
      if (!signed.ok) return answerRefusal(c, signed.refusal)
      setCookie(c, raterCookie(c), signed.value.token, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        secure: isSecure(c),
      })
      return c.json(await accounts.session(signed.value.rater))
    })
    .post('/session/end', async (c) => {
      const token = getCookie(c, raterCookie(c))
      if (token !== undefined) accounts.signOut(token)
      deleteCookie(c, raterCookie(c), { path: '/', secure: isSecure(c) })
      return c.json(await accounts.session(null))
    })
    .get(
      '/raters',
      forRater((_c, rater) => accounts.list(rater)),
    )
    .post(
      '/raters',
      forRater(async (c, rater) =>
        onParsed(await parseBody(c, NewRater), (request) => accounts.add(rater, request)),
      ),
    )
  return routes
}
