import type { Facts, Kept } from '../runbook/model.ts'
import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessPlatform } from '../steps/assess-platform.ts'
import { bringUp } from '../steps/bring-up.ts'
import { chooseSet } from '../steps/choose-set.ts'
import { documentRecovery } from '../steps/document.ts'
import { openIncident } from '../steps/open-incident.ts'
import type { Together } from '../steps/platform.ts'
import {
  confirmPlatform,
  restorePlatform,
  validatePlatform,
  verifyPlatform,
} from '../steps/recover-platform.ts'
import { restartServices } from '../steps/restart-services.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { fenceAtOnce, stopServices } from '../steps/stop-services.ts'
import type { Base } from '../stores/base.ts'
import { quarantinedNeo4j } from '../stores/neo4j/quarantine.ts'
import { quarantinedPostgres } from '../stores/postgres/quarantine.ts'
import { quarantinedQdrant } from '../stores/qdrant/quarantine.ts'
import { objectsUsed } from '../stores/used.ts'

function quarantined(facts: Facts): Kept[] {
  const { restored } = facts as unknown as { restored: Together['works'] }
  return [
    ...restored.qdrant.flatMap(quarantinedQdrant),
    ...restored.neo4j.flatMap(quarantinedNeo4j),
    ...restored.postgres.flatMap(quarantinedPostgres),
  ]
}

export const completeFailure = scenario<Base>({
  id: 'complete-failure',
  title: 'Complete system failure',
  stores: ['qdrant', 'neo4j', 'postgres'],
  emptyHost: true,
  symptoms: [
    'several databases fail at once',
    'a data centre or a host is lost',
    'volumes are gone after a hardware failure',
  ],
  rtoMinutes: 60,
  abort: 'no set is usable for the stores that are lost, or a store fails twice: stop and call level 3',
  others: [
    {
      run: 'npx tsx scenarios/postgres-loss.ts',
      scenario: 'postgres-loss',
      when: 'the platform is of use again with its rows alone; the other stores follow',
    },
  ],
  uses: objectsUsed,
  quarantine: quarantined,
  body: s =>
    s
      .step(bringUp)
      .step(assessPlatform)
      .step(fenceAtOnce)
      .step(openIncident)
      .step(chooseSet)
      .step(verifyPlatform)
      .confirm(confirmPlatform)
      .step(stopServices)
      .step(restorePlatform)
      .step(validatePlatform)
      .step(restartServices)
      .step(smokeTest)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(completeFailure, process.argv.slice(2))
}
