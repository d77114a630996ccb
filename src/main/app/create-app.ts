import { Hono } from 'hono'
import type { Services } from './services'
import { answerRefusal } from './answer'
import { identify } from './asking'
import { programError } from './program-error'
import { archiveRoutes } from './routes/archives'
import { attemptRoutes } from './routes/attempts'
import { auditRoutes } from './routes/audit'
import { comparisonRoutes } from './routes/comparisons'
import { imageRoutes } from './routes/images'
import { libraryRoutes } from './routes/library'
import { measurementRoutes } from './routes/measurements'
import { placeRoutes } from './routes/places'
import { packageRoutes } from './routes/packages'
import { panelRoutes } from './routes/panels'
import { readingRoutes } from './routes/readings'
import { recentRoutes } from './routes/recent'
import { runRoutes } from './routes/runs'
import { seriesRoutes } from './routes/series'
import { sessionRoutes } from './routes/session'
import { statusRoutes } from './routes/status'
import { trainingRoutes } from './routes/training'
import { uploadRoutes } from './routes/uploads'
import { secureHeaders } from './security-headers'
import { answerPageFile } from './static-page'

const allowedMethods = new Set(['GET', 'HEAD', 'POST', 'PUT'])

/**
 * The one application: a web-standard Request in, a Response out. It knows neither Electron nor sockets; who may
 * come in is decided by the door in front of it.
 */
export function createApp(services: Services): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    if (allowedMethods.has(c.req.method)) await next()
    else c.res = c.body(null, 405, { allow: [...allowedMethods].join(', ') })
    secureHeaders(c.res.headers)
  })
  app.use(identify(services))
  for (const routes of [libraryRoutes, statusRoutes, sessionRoutes, comparisonRoutes])
    app.route('/api', routes(services))
  app.route('/api/series', seriesRoutes(services))
  app.route('/api/images', imageRoutes(services))
  app.route('/api/readings', readingRoutes(services))
  app.route('/api/runs', runRoutes(services))
  app.route('/api/uploads', uploadRoutes(services))
  app.route('/api/attempts', attemptRoutes(services))
  app.route('/api/measurements', measurementRoutes(services))
  app.route('/api/places', placeRoutes(services))
  app.route('/api/recent', recentRoutes(services))
  app.route('/api/panels', panelRoutes(services))
  app.route('/api/audit', auditRoutes(services))
  app.route('/api/training', trainingRoutes(services))
  app.route('/api/packages', packageRoutes(services))
  app.route('/api/archives', archiveRoutes(services))
  app.all('/api/*', (c) =>
    answerRefusal(c, { code: 'not-found', reason: `${c.req.method} ${c.req.path} is not offered.` }),
  )
  app.get('*', (c) => answerPageFile(c, services.pageDir))
  app.notFound((c) => answerRefusal(c, { code: 'not-found', reason: `${c.req.path} is not here.` }))
  app.onError((error, c) => {
    const refusal = programError(error)
    services.log(refusal)
    const answer = answerRefusal(c, refusal)
    secureHeaders(answer.headers)
    return answer
  })
  return app
}
