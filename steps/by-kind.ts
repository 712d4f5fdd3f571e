import type { AnyStep, StoreKind } from '../runbook/model.ts'
import { assessQdrant } from './assess.ts'
import { backUpQdrant } from './back-up.ts'
import { integrityQdrant } from './integrity.ts'
import { releaseQdrant } from './release-quarantine.ts'

interface KindSteps {
  backUp: AnyStep
  assess: AnyStep
  integrity: AnyStep
  release: AnyStep
}

/** The steps that tools run alone, for whatever kind of store they meet. */
const STEPS = {
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
