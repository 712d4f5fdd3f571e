import { EXIT, Problem } from '../../lib/problem.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { Usable } from '../backups.ts'
import { clusterMates, leavesBehind } from './cluster-mates.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { keptName, sideName } from './names.ts'
import { carryOver, createDatabase } from './properties.ts'

type Needs = PostgresBase & PostgresAssessed & { candidate: Usable<'postgres'> }

/** A database is restored as a whole, so there is nothing to ask: what follows is concluded. */
export const choosePostgres = (s: Sequence<Needs>) => s.let('conclude what follows', f => conclude(f))

/**
 * Everything the recovery will do, from what was found. `together` names the stores that the same run recovers. Throws a
 * Problem when it must not be begun.
 */
export function conclude(f: Needs, together: readonly string[] = [f.store.name]): PostgresChosen {
  const { store, run, candidate, data } = f
  refuse(f, together)
  const side = sideName(store.database, run)
  const properties = f.live?.properties ?? candidate.member.properties
  return {
    candidate,
    side,
    kept: keptName(store.database, run),
    keptVolume: data ? `${data.volume}_pre_${run.id}` : '',
    makesCluster: f.path === 'cluster' && clusterMates(f.target, store)[0] === store.name,
    properties,
    missingRoles: candidate.member.roles.filter(role => role !== store.user && !f.roles.includes(role)),
    create: createDatabase(side, properties),
    carried: carryOver(side, properties).join(';\n'),
  }
}

function refuse(f: Needs, together: readonly string[]): void {
  const { path, store, data, candidate } = f
  const { service, name, database } = store
  if (path === 'stopped' || path === 'silent') {
    const start = `docker compose up -d --no-recreate ${service}`
    throw new Problem(`${name} does not run, and nothing says that it could not`, {
      exitCode: EXIT.badInput,
      hint: path === 'stopped' ? `start it: ${start}` : `wait for it: docker compose logs ${service}`,
    })
  }
  if (candidate.member.database !== database) {
    throw new Problem(`${candidate.id} is a backup of ${candidate.member.database}, not of ${database}`, {
      exitCode: EXIT.badInput,
      hint: `is stores.${name}.database wrong? correct it in runbook.config.yaml; or choose another backup`,
    })
  }
  const left = leavesBehind(f, together)
  if (left) throw new Problem(left.sentence, { exitCode: EXIT.badInput, hint: left.hint })
  if (path === 'cluster' && !data) {
    throw new Problem(`the data of ${service} lies in no named volume, so it cannot be set aside`, {
      exitCode: EXIT.badInput,
      hint: 'where is PGDATA mounted? copy that directory away by hand, empty it, start the service, and run this again',
    })
  }
}
