import { forward } from './proxy.ts'
import { BadRequest, ok, type Request, type Routes, serve } from './server.ts'
import type { Settings } from './settings.ts'

interface Tool {
  name: string
  description: string
  path: string
}

const TOOLS: readonly Tool[] = [
  { name: 'search_documents', description: 'passages near a query', path: '/api/rag/query' },
  { name: 'search_packages', description: 'packages near a query', path: '/api/packages/query' },
  { name: 'query_graph', description: 'read-only Cypher', path: '/api/graph/query' },
]

/** The platform's interface as named tools: `GET /tools` lists them, `POST /tools/call` calls one. */
export function startMcpjungleGateway(settings: Settings): void {
  const routes: Routes = {
    'GET /health': request => forward(settings.apiServerUrl, request),
    'GET /tools': () => ok({ tools: TOOLS.map(({ name, description }) => ({ name, description })) }),
    'POST /tools/call': request => call(settings.apiServerUrl, request),
  }
  serve('mcpjungle-gateway', settings.port, routes)
}

function call(apiServerUrl: string, { method, body }: Request) {
  const { name, arguments: args } = (body ?? {}) as { name?: unknown; arguments?: unknown }
  const tool = TOOLS.find(candidate => candidate.name === name)
  if (!tool) throw new BadRequest(`no such tool: ${String(name)}; GET /tools lists them`)
  return forward(apiServerUrl, { method, path: tool.path, body: args })
}
