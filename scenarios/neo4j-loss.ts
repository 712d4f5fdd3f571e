import { recover } from '../runbook/recover.ts'
import { scenario } from '../runbook/tree.ts'
import { assessNeo4j } from '../steps/assess-neo4j.ts'
import { chooseNeo4jBackup } from '../steps/choose-backup-neo4j.ts'
import { confirmRecovery } from '../steps/confirm.ts'
import { documentRecovery } from '../steps/document.ts'
import { openIncident } from '../steps/open-incident.ts'
import { restartServices } from '../steps/restart-services.ts'
import { restoreNeo4j } from '../steps/restore-neo4j.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { fenceAtOnce, stopServices } from '../steps/stop-services.ts'
import { validateNeo4j } from '../steps/validate-neo4j.ts'
import { validateNodes } from '../steps/validate-references.ts'
import { verifyNeo4jBackup } from '../steps/verify-backup-neo4j.ts'
import { bindNeo4j } from '../stores/neo4j/binding.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import { quarantinedNeo4j } from '../stores/neo4j/quarantine.ts'
import { objectsUsed } from '../stores/used.ts'

export const neo4jLoss = scenario<Neo4jBase>({
  id: 'neo4j-loss',
  title: 'Neo4j database loss',
  stores: ['neo4j'],
  symptoms: [
    'graph queries fail',
    'node counts show zero',
    'relationship queries return nothing',
    'the neo4j container restarts over and over, or its database stays offline',
  ],
  rtoMinutes: 30,
  abort: 'no usable backup, or validation fails on two backups in a row: stop and call level 2',
  others: [
    {
      run: 'npx tsx tools/repair.ts',
      when: 'PostgreSQL is whole: the platform makes the nodes again from its rows',
    },
  ],
  uses: objectsUsed,
  quarantine: quarantinedNeo4j,
  body: s =>
    s
      .step(assessNeo4j)
      .step(fenceAtOnce)
      .step(openIncident)
      .step(chooseNeo4jBackup)
      .step(verifyNeo4jBackup)
      .confirm(confirmRecovery(bindNeo4j))
      .step(stopServices)
      .step(restoreNeo4j)
      .step(validateNeo4j)
      .step(validateNodes)
      .step(restartServices)
      .step(smokeTest)
      .step(documentRecovery),
})

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await recover(neo4jLoss, process.argv.slice(2))
}
