import type { Reply, Request } from './server.ts'
import { reason } from './store-error.ts'

/** Hands a request on to another service and its answer back, whatever its status; 502 when nobody answers. */
export async function forward(url: string, { method, path, body }: Request): Promise<Reply> {
  const init: RequestInit = {
    method,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(60_000),
  }
  if (body !== undefined) init.body = JSON.stringify(body)
  try {
    const response = await fetch(url + path, init)
    return { status: response.status, body: await response.json() }
  } catch (error) {
    return { status: 502, body: { error: `api-server does not answer (${reason(error)})` } }
  }
}
