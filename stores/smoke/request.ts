import { type Command, command } from '../../lib/command.ts'
import type { SmokeRequest } from '../../lib/smoke-tests.ts'

/** Longer than is allowed, so that a slow answer is measured and not cut off. */
const GRACE_SECONDS = 10

/**
 * curl's codes for an answer that is none or an error: unknown host, refused, cut off, HTTP 400 and above, too late, TLS,
 * empty, reset. The platform has failed then, and not the look at it.
 */
const ANSWERS = [6, 7, 18, 22, 28, 35, 52, 56] as const

/** The request as a curl command; status and seconds come on a line behind the body. */
export function requestOf({ url, method, body, token, withinSeconds }: SmokeRequest): Command {
  const seconds = Math.ceil(withinSeconds + GRACE_SECONDS)
  const argv: [string, ...string[]] = ['curl', '--fail-with-body', '-sS', '--max-time', String(seconds)]
  argv.push('-w', '\\n%{http_code} %{time_total}\\n')
  if (method !== (body === undefined ? 'GET' : 'POST')) argv.push('-X', method)
  // The token travels on stdin, by the name of its variable: argv is visible in `ps`.
  if (token) argv.push('-H', '@-')
  if (body !== undefined) argv.push('-H', `content-type: ${isJson(body) ? 'application/json' : 'text/plain'}`)
  if (body !== undefined) argv.push('--data-raw', body)
  return command([...argv, url], {
    limits: { total: seconds + 10 },
    ok: ANSWERS,
    ...(token ? { stdin: { format: 'authorization: Bearer %s\\n', values: [token] } } : {}),
  })
}

function isJson(body: string): boolean {
  return /^\s*[[{]/.test(body)
}
