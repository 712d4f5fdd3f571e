import { inspect } from 'node:util'

const known = new Map<string, string>()

/**
 * A value that must not be seen: printing, logging or serialising it gives its name.
 * Only lib/exec.ts and the HTTP and object clients reveal it, at the moment of use.
 */
export class Secret {
  /** Name of the environment variable it came from; this is what is printed. */
  readonly name: string
  readonly #value: string

  constructor(name: string, value: string) {
    this.name = name
    this.#value = value
    // One- to three-letter values would blank out ordinary words; they protect nothing either.
    if (value.length > 3) known.set(value, name)
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return `<${this.name}>`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/**
 * Replaces every secret value known to the program by its name, also URL-encoded and in base64.
 * Every line that reaches a log, a report or the terminal goes through here.
 */
export function mask(text: string): string {
  let out = text
  // The longest first: one secret may be the beginning of another.
  for (const [value, name] of [...known].sort(([a], [b]) => b.length - a.length)) {
    for (const form of formsOf(value)) if (out.includes(form)) out = out.replaceAll(form, `<${name}>`)
  }
  return out.replace(/(X-Amz-(?:Signature|Credential)=)[^&\s"']+/g, '$1<masked>')
}

/** A value for the journal or a report: every text in it masked before JSON escapes hide a secret. */
export function masked<T>(value: T): T {
  if (typeof value === 'string') return mask(value) as T
  if (Array.isArray(value)) return value.map(masked) as T
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item)])) as T
}

/**
 * As a value stands in what programs print: in a URL, in base64, in JSON, and in `docker compose config`, which
 * doubles every dollar sign. Go escapes <, > and & in JSON, too.
 */
function formsOf(value: string): string[] {
  const dollars = value.replaceAll('$', '$$$$')
  const json = [value, dollars].map(form => JSON.stringify(form).slice(1, -1))
  const go = json.map(form => form.replace(/[<>&]/g, c => `\\u00${c.charCodeAt(0).toString(16)}`))
  const encoded = [encodeURIComponent(value), Buffer.from(value).toString('base64'), dollars, ...json, ...go]
  return [value, ...new Set(encoded.filter(form => form !== value && form.length > 5))]
}

/** "POSTGRES_PASSWORD": "…" in JSON; what only names a variable is no secret. */
const CREDENTIAL =
  /("([A-Z][A-Z0-9_]*_)?(KEY|TOKEN|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH)(_[A-Z0-9_]+)?"\s*:\s*)"(?!\$\{|<)(?:[^"\\]|\\.)+"/g

/**
 * Blanks out what looks like a credential but is none of ours: `docker compose config` prints the environment of
 * every service, with secrets that this program has never been told.
 */
export function maskCredentials(text: string): string {
  return mask(text)
    .replace(CREDENTIAL, '$1"<masked>"')
    .replace(/(\b[a-z][a-z0-9+]*:\/\/[^\s/:@"']*):[^\s/@"'<]+@/g, '$1:<masked>@')
}
