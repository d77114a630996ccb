import { Hono } from 'hono'
import type { Services } from '../services'

/** What this program is, what it has, and what this computer offers. */
export function statusRoutes(services: Services): Hono {
  const routes = new Hono()
  routes
    .get('/status', async (c) => {
      const status = await services.status()
      // Folders are for those who may look into them.
      const isNobody = services.accounts.required && c.var.rater === null
      return c.json(isNobody ? { ...status, roots: [], opening: null } : status)
    })
    .get('/models', async (c) => c.json(await services.models.list()))
    .get('/doctor', async (c) => c.json(await services.doctor()))
    .get('/doctor/devices', async (c) => c.json(await services.devices()))
  return routes
}
