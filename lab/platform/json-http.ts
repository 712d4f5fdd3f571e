import { reason, StoreError, type StoreName } from './store-error.ts'

export interface JsonCall {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** Deadline in milliseconds; 10 s when absent. */
  timeoutMs?: number
}

/**
 * Calls an HTTP store and parses its JSON answer.
 * Throws StoreError: unreachable when nothing answered in time, otherwise with the status and the text.
 */
export async function callStore(store: StoreName, url: string, call: JsonCall = {}): Promise<unknown> {
  const response = await send(store, url, call)
  const text = await response.text().catch((error: unknown) => {
    throw new StoreError(store, `the answer was cut off (${reason(error)})`, true)
  })
  if (!response.ok) throw new StoreError(store, `HTTP ${response.status} ${text.slice(0, 300)}`, false)
  try {
    return JSON.parse(text)
  } catch {
    throw new StoreError(store, `the answer is not JSON: ${text.slice(0, 100)}`, false)
  }
}

async function send(store: StoreName, url: string, call: JsonCall): Promise<Response> {
  const init: RequestInit = {
    method: call.method ?? 'GET',
    headers: { 'content-type': 'application/json', ...call.headers },
    signal: AbortSignal.timeout(call.timeoutMs ?? 10_000),
  }
  if (call.body !== undefined) init.body = JSON.stringify(call.body)
  try {
    return await fetch(url, init)
  } catch (error) {
    throw new StoreError(store, `no answer (${reason(error)})`, true)
  }
}
