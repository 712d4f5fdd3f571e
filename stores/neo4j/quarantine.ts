import type { Command, Output } from '../../lib/command.ts'
import type { Facts, Kept } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { quarantineText } from '../base.ts'
import { failedLoad, type Neo4jBase, type Neo4jChosen, quarantine } from './facts.ts'

/** What a recovery of Neo4j has set aside: folders in the volume of its data. */
export interface Neo4jRelease {
  store: string
  folders: string[]
}

/** The damaged store; a load that was undone before may lie beside it. */
export function quarantinedNeo4j(facts: Facts): Kept[] {
  const f = facts as Neo4jBase & Neo4jChosen
  if (f.restoring.length === 0) return []
  const folder = quarantine(f.run)
  const text = quarantineText(f.run, `${folder} (${f.restoring.join(', ')})`)
  return [{ what: { store: f.store.name, folders: [folder, failedLoad(f.run)] }, text }]
}

/** See stores/quarantine-size.ts. */
export function sizeInNeo4j(f: Neo4jBase & { release: Neo4jRelease }): Command[] {
  return f.release.folders.map(folder => inside(f, ['du', '-sk', folder], [1]))
}

/** The only place where something of Neo4j is deleted. */
export const releaseNeo4j = (s: Sequence<Neo4jBase & { release: Neo4jRelease }>) =>
  s.each(
    'folder',
    f => f.release.folders,
    s =>
      s
        .read(
          'see what it takes',
          f => inside(f, ['du', '-sh', f.folder], [1]),
          o => ({ takes: o.exitCode === 0 ? o.stdout.split('\t')[0]! : 'nothing' }),
        )
        .write('delete what was set aside in the volume', {
          run: f => inside(f, ['rm', '-rf', f.folder]),
          probe: { look: f => inside(f, ['ls', f.folder], [1, 2]), state: gone },
          undo: { none: 'this is the end of the quarantine, confirmed by a phrase of its own' },
        }),
  )

function inside(f: Neo4jBase, argv: readonly string[], ok: readonly number[] = []) {
  return f.target.runtime.exec(f.store.service, argv, { limits: { total: 600 }, ok })
}

function gone(o: Output): 'absent' | 'done' {
  return o.exitCode === 0 ? 'absent' : 'done'
}
