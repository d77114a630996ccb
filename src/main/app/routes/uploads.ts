import { Hono } from 'hono'
import { z } from 'zod'
import type { ScanLine } from '../../../contract'
import type { Services } from '../services'
import { answerJson, answerRefusal, parse } from '../answer'
import { ownerOnly } from '../asking'
import { answerLines, scanLines } from '../json-lines'
import { refusedLine } from '../refused-line'
import { shownLines } from '../shown-listing'
import { createUploads } from '../uploads'

const UploadParams = z.object({ uploadId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) })

/** Files that the page sends, one a request, and the scan of what was sent. */
export function uploadRoutes(services: Services): Hono {
  const { library, uploadDir } = services
  const uploads = createUploads(uploadDir)
  const routes = new Hono()
  routes
    .put('/:uploadId/:path{.+}', async (c) => {
      const allowed = ownerOnly(c, 'Opening files')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      const params = parse(UploadParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      const put = await uploads.put(params.value.uploadId, c.req.param('path'), c.req.raw.body)
      return answerJson(c, put)
    })
    .post('/:uploadId/scan', async (c) => {
      const allowed = ownerOnly(c, 'Opening files')
      if (!allowed.ok) return answerRefusal(c, allowed.refusal)
      const params = parse(UploadParams, c.req.param())
      if (!params.ok) return answerRefusal(c, params.refusal)
      const folder = uploads.folder(params.value.uploadId)
      if (!folder.ok) return answerRefusal(c, folder.refusal)
      const root = await library.addRoot(folder.value, true)
      if (!root.ok) return answerRefusal(c, root.refusal)
      const lines = (signal: AbortSignal): AsyncIterable<ScanLine> =>
        shownLines(c, services, scanLines(library, [root.value], signal))
      return answerLines(c, lines, refusedLine(services))
    })
  return routes
}
