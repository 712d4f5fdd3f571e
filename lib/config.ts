import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { CONFIG_SCHEMA, type WrittenConfig } from './config-schema.ts'
import { badInput, Problem } from './problem.ts'
import { type Flaw, flaws } from './schema.ts'

/** The configuration with its variables filled in, and the environment it was read in. */
export interface Config extends WrittenConfig {
  /** Name of the file. */
  file: string
  /** Directory of the file; relative paths and compose files start here. */
  root: string
  /** The process environment over the variables of `env_file`. */
  env: Record<string, string>
}

export interface LoadOptions {
  /** Whether the variables of `env_file` count besides `env`. */
  envFile?: boolean
  /** Whether the passwords of stores and smoke tests must be set: who only reads the bucket needs none. */
  passwords?: boolean
}

/**
 * Reads and checks runbook.config.yaml. Throws one Problem (exit 64) that names every mistake at once, each with its
 * line.
 */
export function loadConfig(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
  { envFile = true, passwords = true }: LoadOptions = {},
): Config {
  const path = resolve(file)
  const text = read(path)
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines })
  if (doc.errors.length > 0) {
    const first = doc.errors[0]!
    throw badInput(
      `${file} is not YAML: ${first.message.split('\n')[0]}`,
      'most often this is an indentation or a missing quote at that line',
    )
  }
  const root = dirname(path)
  const merged = environment(root, envFile ? doc.get('env_file') : undefined, env)
  const value = fill(doc.toJS(), merged)
  const open = unfilled(value)
  const known = new Set(open.map(({ at }) => at))
  const found = [...flaws(CONFIG_SCHEMA, value).filter(({ at }) => !known.has(at)), ...open]
  if (found.length > 0) throw invalid(file, doc, lines, found)
  const config = { ...(value as WrittenConfig), file: basename(path), root, env: merged }
  const unset = unsetSecrets(config, passwords ? [...passwordsOf(config)] : [])
  if (unset.length > 0) throw invalid(file, doc, lines, unset)
  return config
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Problem(`cannot read the configuration ${path}`, {
      exitCode: 64,
      hint: 'give its path with --config, or start in the directory that has runbook.config.yaml',
      cause: error,
    })
  }
}

function environment(root: string, envFile: unknown, env: NodeJS.ProcessEnv): Record<string, string> {
  const path = typeof envFile === 'string' ? resolve(root, envFile) : ''
  const fromFile = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
  const merged: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...fromFile, ...env })) {
    if (value !== undefined) merged[name] = value
  }
  return merged
}

/** Fills `${NAME}` and `${NAME:-default}` in strings, as Compose does. */
function fill(value: unknown, env: Record<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name, otherwise = '') => env[name] || otherwise)
  }
  if (Array.isArray(value)) return value.map(item => fill(item, env))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, env)]))
  }
  return value
}

/** How a value begins that tools/init.ts could not know. */
export const MARK = 'FILL IN:'

function unfilled(value: unknown, at = ''): Flaw[] {
  if (typeof value === 'string') {
    const open = value.startsWith(MARK)
    return open
      ? [
          {
            at,
            sentence: `${at.slice(1).replaceAll('/', '.')} is not filled in: ${value.slice(MARK.length).trim()}`,
          },
        ]
      : []
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => unfilled(item, `${at}/${key}`))
}

/** Where a variable with a secret of the platform is named, and its name. */
function* passwordsOf({ stores, smoke_tests }: Config): Generator<[at: string, variable: string]> {
  for (const [name, { password_from }] of Object.entries(stores))
    if (password_from) yield [`/stores/${name}/password_from`, password_from]
  for (const [index, { token_from }] of (smoke_tests?.requests ?? []).entries())
    if (token_from) yield [`/smoke_tests/requests/${index}/token_from`, token_from]
}

function unsetSecrets(config: Config, passwords: readonly [at: string, variable: string][]): Flaw[] {
  const wanted: [string, string][] = [
    ['/backups/access_key_from', config.backups.access_key_from],
    ['/backups/secret_key_from', config.backups.secret_key_from],
  ]
  const { replica } = config.backups
  if (replica) {
    wanted.push(['/backups/replica/access_key_from', replica.access_key_from])
    wanted.push(['/backups/replica/secret_key_from', replica.secret_key_from])
  }
  return [...wanted, ...passwords]
    .filter(([, variable]) => !config.env[variable])
    .map(([at, variable]) => ({
      at,
      sentence: `${at.slice(1).replaceAll('/', '.')} names the variable ${variable}, which is not set`,
    }))
}

function invalid(file: string, doc: Document, lines: LineCounter, found: readonly Flaw[]): Problem {
  const told = found.map(flaw => `  line ${lineOf(doc, lines, flaw.at)}: ${flaw.sentence}`)
  const many = found.length === 1 ? '1 mistake' : `${found.length} mistakes`
  return badInput(
    `${file} has ${many}:\n${told.join('\n')}`,
    'runbook.config.yaml of this repository is a complete example; secrets belong into the environment or .env',
  )
}

function lineOf(doc: Document, lines: LineCounter, pointer: string): number {
  let path = pointer
    .split('/')
    .slice(1)
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  while (path.length > 0) {
    const node = doc.getIn(path, true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    path = path.slice(0, -1)
  }
  return 1
}
