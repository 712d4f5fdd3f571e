import type { Output } from '../../lib/command.ts'
import { storeNamed } from '../../lib/target.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { aliases, inspectPoints, readAliases, request } from './commands.ts'
import type { Assessed, Chosen, QdrantBase, Restoring, Switch } from './facts.ts'
import { compareReferences, exportRows, referenceVerdict, relationsOf } from './references.ts'
import { content } from './restore.ts'

type Needs = QdrantBase & Assessed & Chosen

/** Through the names the platform uses, not through those the recovery made. */
export const validateQdrant = (s: Sequence<Needs>) =>
  s
    .check(
      'Qdrant is ready',
      f => request(f.store, 'GET', '/readyz'),
      o => ({ verdict: 'proven', found: o.stdout.trim() }),
    )
    .check('every alias points where it belongs', f => aliases(f.store), aliasesRight)
    .each(
      'collection',
      f => f.restoring,
      s =>
        s.check(
          'what the platform reads is the backup, whole',
          f => inspectPoints(f.store, nameInUse(f)),
          (o, f) => content(o, f.collection),
        ),
    )
    .each(
      'relation',
      f => relationsOf(f.target, f.store),
      s =>
        s
          .keep('list the rows that must have a point', f => {
            const { postgres } = f.relation
            return exportRows(
              f.target,
              storeNamed(f.target, postgres.store, 'postgres'),
              postgres.table,
              postgres.id,
              postgres.created,
              rowsFile(f),
            )
          })
          .check(
            'every row has its point',
            f =>
              compareReferences(
                f.store,
                f.relation.qdrant.collection,
                rowsFile(f),
                f.candidate.member.started,
                `${f.run.folder}/reembed_${f.relation.name}.txt`,
              ),
            (o, f) => referenceVerdict(o, f.candidate.member.gaps[f.relation.name]),
          ),
    )

function rowsFile(f: Needs & { relation: { name: string } }): string {
  return `${f.run.folder}/rows_${f.relation.name}.tsv`
}

function nameInUse(f: Needs & { collection: Restoring }): string {
  return f.switches.find(s => s.to === f.collection.fresh)?.name ?? f.collection.fresh
}

function aliasesRight(
  o: Output,
  f: { switches: readonly Switch[]; candidate: Chosen['candidate'] },
): Verdict {
  const live = readAliases(o)
  const wrong = f.switches
    .filter(s => live[s.name] !== s.to)
    .map(s => `${s.name} → ${live[s.name] ?? 'nothing'}`)
  const lost = f.candidate.member.aliases
    .filter(a => live[a.alias] === undefined)
    .map(a => `${a.alias} → nothing`)
  if (wrong.length + lost.length > 0) return { verdict: 'failed', found: [...wrong, ...lost].join(', ') }
  const found = Object.entries(live).map(([alias, to]) => `${alias} → ${to}`)
  return { verdict: 'proven', found: found.join(', ') || 'no aliases' }
}
