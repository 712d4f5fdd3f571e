import { storesOf } from '../lib/target.ts'
import { step } from '../runbook/tree.ts'
import { type Candidate, listBackups, readCatalogue } from '../stores/backups.ts'
import type { Base, Finding } from '../stores/base.ts'
import { assessNeo4j } from '../stores/neo4j/assess.ts'
import { assessPostgres } from '../stores/postgres/assess.ts'
import { assessQdrant } from '../stores/qdrant/assess.ts'
import {
  type Around,
  credentials,
  details,
  evidence,
  prerequisites,
  saveLogs,
  TROUBLE,
  told,
} from './assess.ts'
import type { Platform } from './platform.ts'

export const assessPlatform = step<Base, Platform & Around>({
  id: 'assess-platform',
  title: 'Assess every store',
  why: `After a failure of the whole system nobody knows what is left. Every store is read completely and compared with
its newest backup, side by side; what is sound is not restored, so that none of its writes is lost for nothing.`,
  trouble: TROUBLE,
  body: s =>
    s
      .use(prerequisites)
      .use(saveLogs)
      .read(
        'list the backups',
        f => listBackups(f.target),
        o => ({ candidates: readCatalogue(o).candidates }),
      )
      .use(credentials)
      .use(evidence)
      // The loop itself makes each one the store: a conclusion that rests on the backups is none on the page.
      .lanes({
        qdrant: s =>
          s.gather(
            'store',
            f => storesOf(f.target, 'qdrant'),
            s => s.let('take up its backups', f => ({ candidates: of(f, f.store.name) })).use(assessQdrant),
            'qdrant',
            f => ({ ...f, name: f.store.name }),
            'For each Qdrant store',
          ),
        neo4j: s =>
          s.gather(
            'store',
            f => storesOf(f.target, 'neo4j'),
            s => s.let('take up its backups', f => ({ candidates: of(f, f.store.name) })).use(assessNeo4j),
            'neo4j',
            f => ({ ...f, name: f.store.name }),
            'For each Neo4j store',
          ),
        postgres: s =>
          s.gather(
            'store',
            f => storesOf(f.target, 'postgres'),
            s => s.let('take up its backups', f => ({ candidates: of(f, f.store.name) })).use(assessPostgres),
            'postgres',
            f => ({ ...f, name: f.store.name }),
            'For each PostgreSQL store',
          ),
      })
      .let('put it together', f => ({
        seen: { qdrant: f.qdrant, neo4j: f.neo4j, postgres: f.postgres },
      })),
  summary: f => told({ findings: findingsOf(f) }),
  details: f => details({ ...f, findings: findingsOf(f) }),
})

function of(f: { candidates: Candidate[] }, store: string): Candidate[] {
  return f.candidates.filter(candidate => candidate.store === store)
}

export function findingsOf({ seen }: Platform): Finding[] {
  return [...seen.qdrant, ...seen.neo4j, ...seen.postgres].flatMap(one => one.findings)
}
