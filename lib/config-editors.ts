import { CONFIG_SCHEMA } from './config-schema.ts'

/**
 * The schema of runbook.config.yaml for editors, as JSON: they see the file before its variables are filled in, so
 * `${…}` is right wherever a form is asked for.
 */
export function schemaForEditors(): string {
  const about = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'runbook.config.yaml: one installation that the runbook recovers',
  }
  return `${JSON.stringify({ ...about, ...(unfilled(CONFIG_SCHEMA) as object) }, null, 2)}\n`
}

function unfilled(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(unfilled)
  if (part === null || typeof part !== 'object') return part
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      key === 'pattern' ? [key, `(${value})|\\$\\{`] : [key, unfilled(value)],
    ),
  )
}
