import type { Recorded } from './journal.ts'

/** Begins a line of the lock container's log that is a record as JSON (record separator, RFC 7464). */
export const EVENT = '\x1e'

/** More than this without an end of line is no record of ours. */
const MAX_LINE = 4 * 1024 * 1024

/** What is said through the lock container besides the events of the run; it never enters a journal by itself. */
export type Message =
  /** A navigator is there, and while a question is open still is. `id` tells two of the same name apart. */
  | { kind: 'here'; id: string; by: string }
  | { kind: 'left'; id: string }
  /** The answer to the question that was asked at that moment (`at` of its event). */
  | { kind: 'prediction'; path: string; asked: string; by: string; expects: string }
  /** The lock is about to be passed on: its holder begins nothing further. */
  | { kind: 'handing'; from: string; to: string; note: string }

/** A line that a program reads and a person passes over. */
export function recordLine(record: object): string {
  return `${EVENT}${JSON.stringify(record)}\n`
}

/**
 * Takes the records out of a stream that has lines for people, too. One that is cut, or that another writer has
 * fallen into, is left out.
 */
export class Records {
  #rest = Buffer.alloc(0)

  add(chunk: Buffer): unknown[] {
    const text = Buffer.concat([this.#rest, chunk])
    const whole = text.lastIndexOf('\n') + 1
    this.#rest = Buffer.from(text.subarray(whole).length > MAX_LINE ? '' : text.subarray(whole))
    return text.subarray(0, whole).toString('utf8').split('\n').flatMap(recordIn)
  }
}

/** Of two that met in one line only the last can be whole. */
function recordIn(line: string): unknown[] {
  const at = line.lastIndexOf(EVENT)
  if (at < 0) return []
  try {
    return [JSON.parse(line.slice(at + 1))]
  } catch {
    return []
  }
}

/** Whether a record is an event of a run, and not something that others said. */
export function isEvent(record: unknown): record is Recorded {
  const { at, kind } = (record ?? {}) as Record<string, unknown>
  return typeof at === 'string' && typeof kind === 'string' && !isMessage(kind)
}

/** The record as a message; undefined for an event, and for what nobody here has sent. */
export function messageIn(record: unknown): Message | undefined {
  const { kind, ...rest } = (record ?? {}) as Record<string, unknown>
  const fields = isMessage(kind) ? FIELDS[kind] : undefined
  if (!fields?.every(field => typeof rest[field] === 'string')) return undefined
  return Object.fromEntries([['kind', kind], ...fields.map(name => [name, tidy(rest[name])])]) as Message
}

const FIELDS = {
  here: ['id', 'by'],
  left: ['id'],
  prediction: ['path', 'asked', 'by', 'expects'],
  handing: ['from', 'to', 'note'],
} as const satisfies Record<Message['kind'], readonly string[]>

function isMessage(kind: unknown): kind is Message['kind'] {
  return typeof kind === 'string' && Object.hasOwn(FIELDS, kind)
}

const MAX_FIELD = 1000

/** Anyone who reaches the daemon can write here, and what they write is shown on a terminal. */
function tidy(value: unknown): string {
  return String(value)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, MAX_FIELD)
}
