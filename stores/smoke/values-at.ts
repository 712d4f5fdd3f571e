/**
 * The values at a path of a JSON text: `rows.0.count` is one, `hits.*.id` one per element of the list. Empty when
 * nothing is there, undefined when the text is not JSON.
 */
export function valuesAt(text: string, path: string): unknown[] | undefined {
  let found: unknown[]
  try {
    found = [JSON.parse(text)]
  } catch {
    return undefined
  }
  for (const key of path.split('.')) found = found.flatMap(value => below(value, key))
  return found
}

function below(value: unknown, key: string): unknown[] {
  if (value === null || typeof value !== 'object') return []
  if (key === '*') return Object.values(value)
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : []
}
