import { Hono } from 'hono'
import type { Services } from '../services'

/** What this program is, what it has, and what this computer offers. */
export function statusRoutes(services: Services): Hono {
  const routes = new Hono()
  routes
    .get('/status', async (c) => c.json(await services.status()))
    .get('/models', async (c) => c.json(await services.models.list()))
    .get('/doctor', async (c) => c.json(await services.doctor()))
  return routes
}
