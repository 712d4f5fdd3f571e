import { createRequire } from 'node:module'
import type { Ajv as AjvClass, ErrorObject } from 'ajv'

export type Schema = Record<string, unknown>

/** Keeps what it has compiled, by the schema object. */
let validator: AjvClass | undefined

/**
 * Half of what ajv needs for a schema goes into holding it against the schema of schemas, and into shortening the code
 * that it makes: every start of a program would pay for that. test/lib/schema.test.ts holds ours against it instead.
 */
function makeValidator(): AjvClass {
  return new (loadAjv())({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    // Errors then carry the part of the schema that has the sentence about a name.
    verbose: true,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  })
}

/** Its 140 files are loaded by the first value that has to be valid: --help has none. */
function loadAjv(): typeof AjvClass {
  return (createRequire(import.meta.url)('ajv') as { Ajv: typeof AjvClass }).Ajv
}

/** What is wrong with a schema itself, by the schema of schemas; empty when it is sound. */
export function flawsOfSchema(schema: Schema): string {
  const ajv = new (loadAjv())({ allErrors: true })
  return ajv.validateSchema(schema) === true ? '' : ajv.errorsText()
}

/** One thing that is wrong with a value: where (a JSON pointer) and a sentence. */
export interface Flaw {
  at: string
  sentence: string
}

/** Everything that is wrong with a value at once; empty when it is valid. */
export function flaws(schema: Schema, value: unknown): Flaw[] {
  validator ??= makeValidator()
  const validate = validator.compile(schema)
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter(error => error.propertyName === undefined)
    .map(error => ({ at: placeOf(error), sentence: explain(error) }))
}

/** A name that is wrong stands at its own key, not at the object around it. */
function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  return keyword === 'propertyNames' ? `${instancePath}/${params.propertyName}` : instancePath
}

// ajv's own errorsText does not name the property that is too much.
function explain(error: ErrorObject): string {
  const where = error.instancePath === '' ? '' : `${error.instancePath.slice(1).replaceAll('/', '.')} `
  const p = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'additionalProperties':
      return `${where}has an unknown key "${p.additionalProperty}"`
    case 'required':
      return `${where}lacks the key "${p.missingProperty}"`
    case 'type':
      return `${where}must be ${p.type}`
    case 'enum':
      return `${where}must be one of ${(p.allowedValues as string[]).join(', ')}`
    case 'const':
      return `${where}must be ${JSON.stringify(p.allowedValue)}`
    case 'propertyNames':
      return `${where}has the key "${p.propertyName}": ${nameRule(error) ?? 'no such key can be used'}`
    case 'pattern':
      return `${where}must match ${p.pattern}`
    default:
      return `${where}${error.message ?? 'is not valid'}`
  }
}

/** What the schema says about the names of an object's keys. */
function nameRule({ parentSchema }: ErrorObject): string | undefined {
  const { propertyNames } = (parentSchema ?? {}) as { propertyNames?: { description?: string } }
  return propertyNames?.description
}
