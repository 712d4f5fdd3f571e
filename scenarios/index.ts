import type { AnyScenario } from '../runbook/model.ts'
import { accidentalDeletion } from './accidental-deletion.ts'
import { backupFailure } from './backup-failure.ts'
import { completeFailure } from './complete-failure.ts'
import { neo4jLoss } from './neo4j-loss.ts'
import { postgresLoss } from './postgres-loss.ts'
import { qdrantCorruption } from './qdrant-corruption.ts'

/** Every scenario, in the order of the page. */
export const SCENARIOS: readonly AnyScenario[] = [
  qdrantCorruption,
  neo4jLoss,
  postgresLoss,
  completeFailure,
  accidentalDeletion,
  backupFailure,
]
