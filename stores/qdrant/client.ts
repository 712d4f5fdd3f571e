import { randomUUID } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import { Problem } from '../../lib/problem.ts'
import type { Secret } from '../../lib/secret.ts'

/** Longest wait for one page of points; a page that takes longer does not come. */
const PAGE_SECONDS = 60

/** A number, exact whatever its size, or a UUID. */
export type PointId = number | bigint | string

export interface Access {
  url: string
  apiKey: Secret | undefined
  signal: AbortSignal
  /** Where connections come from when it is not the network. */
  agent?: http.Agent
  /** Longest wait for an answer. */
  seconds?: number
}

/** What a request answered; errors of the server are answers too, because damage shows as 500. */
export interface Answer {
  status: number
  body: string
}

/** One request to Qdrant. Throws a Problem only when there is no answer at all. */
export async function ask(access: Access, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (access.apiKey) headers['api-key'] = access.apiKey.reveal()
  const request = {
    method,
    headers,
    signal: AbortSignal.any([access.signal, AbortSignal.timeout((access.seconds ?? PAGE_SECONDS) * 1000)]),
    ...(access.agent ? { agent: access.agent } : {}),
  }
  const text = body === undefined ? undefined : encode(body)
  // Qdrant closes idle connections after 5 s, so the first try may meet a closed one; reads are repeatable.
  return send(access.url + path, request, text).catch(error => {
    if (access.signal.aborted) throw error
    return send(access.url + path, request, text).catch(cause => {
      throw new Problem(`Qdrant does not answer at ${access.url}`, {
        hint: 'is the service up? docker compose ps -a; its log says why it stopped',
        cause,
      })
    })
  })
}

// Not fetch: its parser is WebAssembly, and compiling that takes 35 MB of the peak (Node 20.20).
function send(url: string, options: http.RequestOptions, body: string | undefined): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, options, response => {
      const chunks: Buffer[] = []
      response
        .on('data', chunk => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
        })
    })
    sent.on('error', reject).end(body)
  })
}

/** The result of a successful request. Throws a Problem with the server's own words otherwise. */
export async function result<T>(access: Access, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await ask(access, method, path, body)
  if (answer.status !== 200) throw refused(method, path, answer)
  return (parsePoints(answer.body) as { result: T }).result
}

export function refused(method: string, path: string, answer: Answer): Problem {
  return new Problem(`Qdrant answers ${answer.status} to ${method} ${path}: ${answer.body.slice(0, 300)}`)
}

/** JSON of points. JSON.stringify refuses a bigint: an exact id goes back as the number it was. */
export function encode(body: unknown): string {
  const text = JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? MARK + value : value))
  return text.replaceAll(new RegExp(`"${MARK}(\\d+)"`, 'g'), '$1')
}

/** Stands before an exact integer while JSON holds it as a text; no text of a payload begins like that. */
const MARK = `integer ${randomUUID()} `
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[\],}]/
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/** Parses an answer; integers beyond 2^53, ids and payloads alike, become bigints: JSON.parse would round them. */
export function parsePoints(body: string): unknown {
  if (!LONG_INTEGER.test(body)) return JSON.parse(body)
  const marked = body.replace(STRING_OR_LONG_INTEGER, text => (text[0] === '"' ? text : `"${MARK}${text}"`))
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? exact(value.slice(MARK.length)) : value,
  )
}

function exact(digits: string): number | bigint {
  const rounded = Number(digits)
  return Number.isSafeInteger(rounded) ? rounded : BigInt(digits)
}
