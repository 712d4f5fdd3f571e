import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { reason, StoreError } from './store-error.ts'

export interface Reply {
  status: number
  body: unknown
}

export interface Request {
  method: string
  path: string
  /** The parsed JSON body; `undefined` when there was none. */
  body: unknown
}

/** `"POST /api/rag/query"` → what answers it. */
export type Routes = Record<string, (request: Request) => Promise<Reply> | Reply>

/** A request that cannot be served as it is: HTTP 400. */
export class BadRequest extends Error {}

/** The longest body accepted, in bytes. */
const BODY_LIMIT = 1024 * 1024

/** Serves the routes until the process is told to stop. `/livez` is always there: the process is up, no more. */
export function serve(name: string, port: number, routes: Routes): void {
  const all: Routes = { 'GET /livez': () => ok({ status: 'alive', service: name }), ...routes }
  const server = createServer((incoming, outgoing) => {
    void answer(all, incoming).then(reply => send(outgoing, reply))
  })
  server.listen(port, () => console.log(`${name} listens on ${port}`))
  // As process 1 of a container Node has no default action for SIGTERM, and compose would wait ten seconds.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
}

export function ok(body: unknown): Reply {
  return { status: 200, body }
}

async function answer(routes: Routes, incoming: IncomingMessage): Promise<Reply> {
  const method = incoming.method ?? 'GET'
  const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
  const route = routes[`${method} ${path}`]
  if (!route) return { status: 404, body: { error: `no such endpoint: ${method} ${path}` } }
  try {
    return await route({ method, path, body: await readJson(incoming) })
  } catch (error) {
    return failure(error)
  }
}

function failure(error: unknown): Reply {
  if (error instanceof StoreError) {
    return { status: error.unreachable ? 503 : 502, body: { error: error.message, store: error.store } }
  }
  if (error instanceof BadRequest) return { status: 400, body: { error: error.message } }
  console.error(error)
  return { status: 500, body: { error: reason(error) } }
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length
    if (size > BODY_LIMIT) throw new BadRequest('the body is longer than 1 MB')
    chunks.push(chunk as Buffer)
  }
  if (size === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new BadRequest('the body is not JSON')
  }
}

function send(outgoing: ServerResponse, { status, body }: Reply): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
