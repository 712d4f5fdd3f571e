import type { Output } from '../../lib/command.ts'
import { Problem } from '../../lib/problem.ts'
import type { QdrantStore } from '../../lib/target.ts'

type Sentence = { message: string; hint: string }

/** curl's codes for "nobody there": refused, empty answer, no answer in time, connection reset. */
export const NOBODY = [7, 28, 52, 56] as const

/** curl's code for an answer that is an error, 4xx or 5xx. */
const REFUSED = 22

/** A reason longer than this is a list of something; its beginning says what. */
const LONGEST = 300

/** What curl ended with, as a sentence; `into` is the file that took the answer in place of stdout. */
export function explain(store: QdrantStore, output: Output, into?: string): Sentence | undefined {
  if (NOBODY.some(code => code === output.exitCode)) {
    return {
      message: `Qdrant does not answer at ${store.url}`,
      hint: `is it up? docker compose ps -a ${store.service}; its log says why it stopped`,
    }
  }
  if (output.exitCode !== REFUSED) return undefined
  return keyRefused(store, output) ?? refused(store, output, into)
}

/** Fails for any answer that is about the key: a 404 is a finding, a 401 never is. */
export function notRefused(store: QdrantStore, output: Output): void {
  const known = output.exitCode === REFUSED ? keyRefused(store, output) : undefined
  if (known) throw new Problem(known.message, { hint: known.hint })
}

function keyRefused({ apiKey }: QdrantStore, { stdout }: Output): Sentence | undefined {
  if (!/api.?key|unauthorized/i.test(stdout)) return undefined
  return {
    message: `Qdrant refuses the key of ${apiKey?.name ?? 'nobody: none is set'}`,
    hint: `set ${apiKey?.name ?? 'the variable that api_key_from names'} to the key of the running server (its health answers without one)`,
  }
}

/** curl says no more than the number of the status; why it is that one stands in the answer. */
function refused({ service }: QdrantStore, { stdout }: Output, into?: string): Sentence | undefined {
  const log = `docker compose logs --tail=60 ${service}`
  if (into !== undefined) {
    return { message: 'Qdrant refuses', hint: `why it does stands in ${into}; its log says more: ${log}` }
  }
  const reason = reasonOf(stdout)
  if (reason === undefined) return undefined
  const hint = /No space left/i.test(reason)
    ? 'make room, then retry: npx tsx tools/diagnose.ts space shows which disk is full'
    : `does its log say more? ${log}`
  return { message: `Qdrant refuses: ${reason.slice(0, LONGEST)}`, hint }
}

/** The `status.error` of an answer; undefined for one that is not Qdrant's, such as the page of a proxy. */
function reasonOf(body: string): string | undefined {
  try {
    const { status } = JSON.parse(body) as { status?: { error?: unknown } }
    return typeof status?.error === 'string' ? status.error : undefined
  } catch {
    return undefined
  }
}
