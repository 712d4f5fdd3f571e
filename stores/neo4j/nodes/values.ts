import { Problem } from '../../../lib/problem.ts'

/**
 * A property value as the server tells it: its Cypher type ("LIST<DATE NOT NULL> NOT NULL") and its text, of a list
 * one text an element. Unlike JSON it keeps 64-bit integers, points and every kind of time exactly.
 */
export type Typed = [type: string, texts: string[]]

/** A property with its value. */
export type Property = [name: string, value: Typed]

/** The expression that tells a value so. */
export function typed(value: string): string {
  const told = `CASE WHEN valueType(${value}) STARTS WITH "LIST" THEN [x IN ${value} | ${doubled('toString(x)')}] ELSE [${doubled(`toString(${value})`)}] END`
  return `[valueType(${value}), ${told}]`
}

/** cypher-shell leaves a backslash as it is: only a doubled one can be told from that of an escaped quote. */
export function doubled(text: string): string {
  return `replace(${text}, "\\\\", "\\\\\\\\")`
}

const CONSTRUCTOR: Record<string, string> = {
  DATE: 'date',
  'LOCAL TIME': 'localtime',
  'ZONED TIME': 'time',
  'LOCAL DATETIME': 'localdatetime',
  'ZONED DATETIME': 'datetime',
  DURATION: 'duration',
}

/** The same value as Cypher that makes it. Throws a Problem for a type that it does not know. */
export function expression([type, texts]: Typed): string {
  const element = /^LIST<(.+?)(?: NOT NULL)?> NOT NULL$/.exec(type)?.[1]
  if (element) return `[${texts.map(text => scalar(element, text)).join(', ')}]`
  return scalar(type.replace(/ NOT NULL$/, ''), texts[0]!)
}

/** What is not quoted is compared with its form first: a text of the graph must never become a statement. */
function scalar(type: string, text: string): string {
  if (type === 'STRING') return quoted(text)
  const make = CONSTRUCTOR[type]
  if (make) return `${make}(${quoted(text)})`
  if (type === 'FLOAT') return /^-?Infinity$|^NaN$/.test(text) ? text : `toFloat(${quoted(text)})`
  if (type === 'INTEGER' && /^-?\d+$/.test(text)) return text
  if (type === 'BOOLEAN' && /^(true|false)$/.test(text)) return text
  if (type === 'POINT' && /^point\(\{[\w .:,'+-]*\}\)$/.test(text)) return text
  throw new Problem(`a value of the type ${type} cannot be carried over: ${text.slice(0, 60)}`, {
    hint: 'bring the rows back without their nodes (--set nodes=no), and those nodes by hand',
  })
}

/** A text as Cypher takes it, on one line: cypher-shell would take a line that begins with a colon for itself. */
export function quoted(text: string): string {
  // JSON escapes as Cypher does, except that it leaves DEL and the line separators.
  return JSON.stringify(text).replace(
    /[\u007f\u0085\u2028\u2029]/g,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
