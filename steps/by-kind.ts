import type { AnyStep, StoreKind } from '../runbook/model.ts'
import { assessNeo4j } from './assess-neo4j.ts'
import { assessPostgres } from './assess-postgres.ts'
import { assessQdrant } from './assess-qdrant.ts'
import { backUpNeo4j, backUpPostgres, backUpQdrant } from './back-up.ts'
import { integrityNeo4j, integrityPostgres, integrityQdrant } from './integrity.ts'
import { releaseNeo4j, releasePostgres, releaseQdrant } from './release-quarantine.ts'
import { restoreApartNeo4j, restoreApartPostgres, restoreApartQdrant } from './restore-apart.ts'
import { verifyStoredNeo4j, verifyStoredPostgres, verifyStoredQdrant } from './verify-stored.ts'

interface KindSteps {
  backUp: AnyStep
  /** Proves a stored backup whole, outside of a recovery. */
  verify: AnyStep
  /** The same, and restores it for a trial. */
  restoreApart: AnyStep
  assess: AnyStep
  integrity: AnyStep
  release: AnyStep
}

/** The steps that tools run alone, for whatever kind of store they meet. */
const STEPS: Record<StoreKind, KindSteps> = {
  neo4j: {
    backUp: backUpNeo4j,
    verify: verifyStoredNeo4j,
    restoreApart: restoreApartNeo4j,
    assess: assessNeo4j,
    integrity: integrityNeo4j,
    release: releaseNeo4j,
  },
  postgres: {
    backUp: backUpPostgres,
    verify: verifyStoredPostgres,
    restoreApart: restoreApartPostgres,
    assess: assessPostgres,
    integrity: integrityPostgres,
    release: releasePostgres,
  },
  qdrant: {
    backUp: backUpQdrant,
    verify: verifyStoredQdrant,
    restoreApart: restoreApartQdrant,
    assess: assessQdrant,
    integrity: integrityQdrant,
    release: releaseQdrant,
  },
}

export function stepsFor(kind: StoreKind): KindSteps {
  return STEPS[kind]
}
