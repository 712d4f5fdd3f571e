import type { Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Address, checkQdrant } from './checks.ts'
import { aliases, inspectPoints, readAliases } from './commands.ts'
import type { Assessed, Chosen, QdrantBase, Restoring, Switch } from './facts.ts'
import { content } from './restore.ts'

type Needs = QdrantBase & Assessed & Chosen

/** Qdrant by itself, through the names the platform uses, not through those the recovery made. */
export const validateQdrant = (s: Sequence<Needs>) =>
  s
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
    .let('hold it against the backup', f => ({ backup: f.candidate, addresses: restored(f) }))
    .use(checkQdrant)

/** By their own names, which a list of collections has; whatever was left as it was is nobody's promise here. */
export function restored({ restoring }: Pick<Chosen, 'restoring'>): Address[] {
  return restoring.map(({ name, fresh }) => ({ name, live: fresh }))
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
