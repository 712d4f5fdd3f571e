import { type ChatMessage, completion, modelAway, questionOf } from './chat.ts'
import { queryGraph } from './graph.ts'
import { health } from './health.ts'
import { findPackages, retrieve } from './rag.ts'
import { BadRequest, ok, type Request, type Routes, serve } from './server.ts'
import type { Settings } from './settings.ts'
import { connectStores, type Stores } from './stores.ts'

/** Serves the platform's own interface from the stores. */
export function startApiServer(settings: Settings): void {
  serve('api-server', settings.port, apiRoutes(connectStores(settings, 'api-server'), settings.modelThere))
}

export function apiRoutes(stores: Stores, modelThere: boolean): Routes {
  return {
    'GET /health': () => health('api-server', stores),
    'POST /api/rag/query': async request => {
      const { query, topK } = search(request)
      return ok(await retrieve(stores, query, topK))
    },
    'POST /api/packages/query': async request => {
      const { query, topK } = search(request)
      return ok(await findPackages(stores, query, topK))
    },
    'POST /api/graph/query': async request => ok(await queryGraph(stores, text(request, 'query'))),
    'POST /v1/chat/completions': request => (modelThere ? chat(stores, request) : modelAway()),
  }
}

async function chat(stores: Stores, request: Request) {
  const { messages, model } = (request.body ?? {}) as { messages?: ChatMessage[]; model?: string }
  const question = Array.isArray(messages) ? questionOf(messages) : undefined
  if (!question) throw new BadRequest('"messages" needs at least one message of the user')
  const { hits } = await retrieve(stores, question, 3)
  return ok(completion(model ?? 'retrieval-only', question, hits, new Date()))
}

function search(request: Request): { query: string; topK: number } {
  const topK = (request.body as { top_k?: unknown } | undefined)?.top_k ?? 5
  if (typeof topK !== 'number' || !Number.isInteger(topK) || topK < 1 || topK > 100) {
    throw new BadRequest('"top_k" must be a whole number from 1 to 100')
  }
  return { query: text(request, 'query'), topK }
}

function text({ body }: Request, name: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[name]
  if (typeof value !== 'string' || value.trim() === '') throw new BadRequest(`"${name}" must be a text`)
  return value
}
