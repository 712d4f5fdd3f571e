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

function formsOf(value: string): string[] {
  const encoded = [encodeURIComponent(value), Buffer.from(value).toString('base64')]
  return [value, ...encoded.filter(form => form !== value && form.length > 5)]
}
