import { existsSync, readFileSync } from 'node:fs'

/** The variables of an env file as compose reads it: NAME=value, quotes around the value dropped. */
export function readEnvFile(path: string): Record<string, string> {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

export function parseEnv(text: string): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (match?.[1] && match[2] !== undefined) variables[match[1]] = unquote(match[2])
  }
  return variables
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(value)
  if (quoted) return quoted[2] ?? ''
  return value.replace(/\s+#.*$/, '')
}
