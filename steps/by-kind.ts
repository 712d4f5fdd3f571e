import type { AnyStep, StoreKind } from '../runbook/model.ts'
import { assessPostgres, assessQdrant } from './assess.ts'
import { backUpPostgres, backUpQdrant } from './back-up.ts'
import { integrityPostgres, integrityQdrant } from './integrity.ts'
import { releasePostgres, releaseQdrant } from './release-quarantine.ts'

interface KindSteps {
  backUp: AnyStep
  assess: AnyStep
  integrity: AnyStep
  release: AnyStep
}

/** The steps that tools run alone, for whatever kind of store they meet. */
const STEPS = {
  postgres: {
    backUp: backUpPostgres,
    assess: assessPostgres,
    integrity: integrityPostgres,
    release: releasePostgres,
  },
  qdrant: {
    backUp: backUpQdrant,
    assess: assessQdrant,
    integrity: integrityQdrant,
    release: releaseQdrant,
  },
}

export function stepsFor(kind: StoreKind): KindSteps {
  return (STEPS as Record<StoreKind, KindSteps>)[kind]
}
