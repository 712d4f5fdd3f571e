import { forward } from './proxy.ts'
import { type Routes, serve } from './server.ts'
import type { Settings } from './settings.ts'

const FORWARDED = [
  'GET /health',
  'POST /api/rag/query',
  'POST /api/packages/query',
  'POST /api/graph/query',
  'POST /v1/chat/completions',
]

/** The front door of the platform: everything goes on to the api-server. */
export function startGateway(settings: Settings): void {
  const routes: Routes = {}
  for (const route of FORWARDED) routes[route] = request => forward(settings.apiServerUrl, request)
  serve('gateway', settings.port, routes)
}
