import type { Config } from './config.ts'
import type { WrittenConfig } from './config-schema.ts'

/** A configuration as an incident keeps it: its variables filled in, secrets by the name of their variable only. */
export interface TargetRecord {
  config: WrittenConfig
  file: string
  root: string
  /** The variables of secrets that had a value. */
  given: string[]
}

export function recordOf({ file, root, env, ...config }: Config): TargetRecord {
  const given = secretVariables(config).filter(name => env[name])
  return { config, file, root, given: [...new Set(given)].sort() }
}

/** The configuration again; a secret has its own name for a value, which is what stands in everything recorded. */
export function configOf({ config, file, root, given }: TargetRecord): Config {
  return { ...config, file, root, env: Object.fromEntries(given.map(name => [name, `<${name}>`])) }
}

function secretVariables({ stores, backups }: WrittenConfig): string[] {
  const names = Object.values(stores).flatMap(store => [store.api_key_from, store.password_from])
  names.push(backups.access_key_from, backups.secret_key_from)
  names.push(backups.replica?.access_key_from, backups.replica?.secret_key_from)
  return names.filter(name => name !== undefined)
}
