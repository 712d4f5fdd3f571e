import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabTarget } from '../../lab/target.ts'

/**
 * A configuration like the one of the repository with something changed, in a folder of its own; gives its
 * path. Paths in it are absolute, because they start at the folder of the file.
 */
export function configLike(target: LabTarget, folder: string, change: (text: string) => string): string {
  const text = readFileSync(join(target.root, 'runbook.config.yaml'), 'utf8')
    .replace('env_file: .env', `env_file: ${join(target.root, '.env')}`)
    .replace('files: [docker-compose.yaml]', `files: [${join(target.root, 'docker-compose.yaml')}]`)
  const changed = change(text)
  if (changed === text) throw new Error('the configuration was not changed')
  const file = join(mkdtempSync(join(folder, 'config-')), 'runbook.config.yaml')
  writeFileSync(file, changed)
  return file
}

/**
 * Leaves only these stores, and nothing that refers to the others: a backup of all of them takes a minute longer, and
 * lands in the bucket.
 */
export function onlyStores(config: string, ...stores: readonly string[]): string {
  const others = ['qdrant', 'neo4j', 'postgres'].filter(store => !stores.includes(store))
  return config
    .replace(new RegExp(`^ {2}(${others.join('|')}):\\n( {4}.*\\n)+`, 'gm'), '')
    .replace(/^relations:\n[\s\S]*?\n\n/m, 'relations: []\n\n')
    .replace(/^smoke_tests:\n( .*\n)+/m, '')
}
