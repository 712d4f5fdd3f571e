import type { Output } from '../../lib/command.ts'
import type { Expectation } from '../../lib/config-schema.ts'
import type { SmokeRequest } from '../../lib/smoke-tests.ts'
import type { Verdict } from '../../runbook/model.ts'
import { amountText, isEnough } from './amount.ts'
import { valuesAt } from './values-at.ts'

/** Judges status, body and latency of an answer; what is wrong is told together, with its figures. */
export function judgeAnswer(test: SmokeRequest, output: Output): Verdict {
  const answer = readAnswer(output)
  const { status, seconds } = answer
  const cut = output.exitCode !== 0 && status < 300
  const looks = cut ? [silence(output)] : looksAt(test, answer)
  const wrong = looks.filter(({ good }) => !good)
  const shown = (wrong.length > 0 ? wrong : looks).map(({ found }) => found)
  const head = status === 0 ? 'no answer' : `HTTP ${status}`
  const found = `${head} in ${seconds.toFixed(2)} s, ${shown.join(', ')} (expected: ${expected(test)})`
  return { verdict: wrong.length > 0 ? 'failed' : 'proven', found }
}

/** What an answer has to be, in words. */
function expected({ expect, withinSeconds }: SmokeRequest): string {
  const { text, matches, document, number } = expect
  return [
    ...(text === undefined ? [] : [text]),
    ...(matches === undefined ? [] : [`a match of ${matches}`]),
    ...(document === undefined ? [] : [`${document.id} among ${document.at}`]),
    ...(number === undefined ? [] : [`${amountText(number)} at ${number.at}`]),
    `within ${withinSeconds} s`,
  ].join(', ')
}

interface Answer {
  body: string
  /** Of HTTP; 0 when nobody answered. */
  status: number
  seconds: number
}

/** curl's last line, see requestOf. */
function readAnswer({ stdout, durationMs }: Output): Answer {
  const [tail = '', status, seconds] = /\n(\d{3}) ([\d.]+)\s*$/.exec(stdout) ?? []
  return {
    body: stdout.slice(0, stdout.length - tail.length),
    status: Number(status ?? 0),
    seconds: Number(seconds ?? durationMs / 1000),
  }
}

interface Look {
  good: boolean
  found: string
}

/** No answer, or half of one. */
function silence({ exitCode, stderr }: Output): Look {
  return { good: false, found: stderr.trim().split('\n').at(-1) || `exit code ${exitCode} of curl` }
}

function looksAt({ expect, withinSeconds }: SmokeRequest, { body, status, seconds }: Answer): Look[] {
  // A redirection is no answer either, and its body says so.
  if (status >= 300) return [{ good: false, found: excerpt(body) }]
  const looks = looksInto(expect, body)
  const late = seconds > withinSeconds
  return [
    ...looks,
    ...(late ? [{ good: false, found: `slower than ${withinSeconds} s` }] : []),
    ...(looks.every(({ good }) => good) ? [] : [{ good: false, found: `but ${excerpt(body)}` }]),
  ]
}

function looksInto({ text, matches, document, number }: Expectation, body: string): Look[] {
  return [
    ...(text === undefined ? [] : [has(body.includes(text), text)]),
    ...(matches === undefined ? [] : [has(new RegExp(matches).test(body), matches)]),
    ...(document === undefined ? [] : [documentIn(valuesAt(body, document.at), document)]),
    ...(number === undefined ? [] : [numberIn(valuesAt(body, number.at), number)]),
  ]
}

function has(good: boolean, what: string): Look {
  return { good, found: `${good ? 'with' : 'without'} ${what}` }
}

function documentIn(found: unknown[] | undefined, { at, id }: NonNullable<Expectation['document']>): Look {
  if (!found) return { good: false, found: 'not JSON' }
  const place = found.findIndex(value => value !== null && String(value) === String(id))
  return place === -1
    ? { good: false, found: `${id} is not among the ${found.length} of ${at}` }
    : { good: true, found: `${id}, number ${place + 1} of ${found.length}` }
}

function numberIn(found: unknown[] | undefined, number: NonNullable<Expectation['number']>): Look {
  if (!found) return { good: false, found: 'not JSON' }
  const [value] = found
  const n = typeof value === 'number' || /^\d+$/.test(String(value)) ? Number(value) : undefined
  return { good: n !== undefined && isEnough(n, number), found: `${n ?? 'no number'} at ${number.at}` }
}

function excerpt(body: string): string {
  const line = body.trim().replace(/\s+/g, ' ')
  return line === '' ? 'an empty answer' : line.slice(0, 200)
}
