import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import { compose } from '../../lab/ground.ts'
import { startMonitoring } from '../../lab/monitoring.ts'
import { ensureImages } from '../../lab/setup/setup.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { onGround } from './ground.ts'
import { last } from './said.ts'

/** Images may have to be built, and a backup be taken. */
const LIMIT = { seconds: 600 }

/** An alert as Alertmanager shows it: who will be told, and about what. */
interface Alert {
  labels: Record<string, string>
  annotations: Record<string, string>
  receivers: { name: string }[]
}

describe('monitoring beside the platform', suite => {
  const ready = onGround(suite)
  suite.after(async () => {
    await compose(ready().target, '--profile', 'monitoring', 'rm', '-s', '-f', '-v', ...SERVICES)
  })
  suite.test(
    'a backup that fails calls somebody, while the backup service is away',
    () => alerted(ready().target),
    LIMIT,
  )
  suite.test('every panel of the dashboard asks Prometheus for something that is there', async () => {
    const { target } = ready()
    for (const query of panelQueries(target)) {
      const found = await eventually(async () => {
        const series = await answer(target, query)
        return MAY_BE_EMPTY.test(query) || series > 0 ? { series } : undefined
      })
      assert.ok(found, query)
    }
  })
})

/** Nothing of this kind has happened here. */
const MAY_BE_EMPTY = /kind="test"|dr_incident_open|dr_run_rto/

function panelQueries({ root }: LabTarget): string[] {
  const file = join(root, 'monitoring', 'grafana', 'dashboards', 'backups.json')
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: { targets: { expr: string }[] }[] }
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
}

/** How many series a query gives. Throws what Prometheus says of one that it cannot read. */
async function answer({ env }: LabTarget, query: string): Promise<number> {
  const url = `http://127.0.0.1:${env.PUBLISH_PROMETHEUS}/api/v1/query?query=${encodeURIComponent(query)}`
  const { status, error, data } = (await (await fetch(url)).json()) as {
    status: string
    error?: string
    data?: { result: unknown[] }
  }
  assert.is(status, 'success', `${query}: ${error}`)
  return data!.result.length
}

const SERVICES = ['exporter', 'prometheus', 'alertmanager']

async function alerted(target: LabTarget): Promise<void> {
  await startMonitoring(await ensureImages(), target)
  await eventually(async () => (await metrics(target)).includes('dr_backup_failed{store="neo4j"} 0'))
  await compose(target, 'stop', 'backup-service')
  const broken = { ...target, env: { ...target.env, NEO4J_PASSWORD: 'not-the-password' } }
  const ended = await run(broken, 'tools/backup-service.ts', ['--run-once'], LIMIT.seconds)
  assert.is(ended.exitCode, 1, last(ended))
  const alert = await eventually(async () =>
    (await alerts(target)).find(({ labels }) => labels.alertname === 'BackupFailed'),
  )
  assert.is(alert.labels.store, 'neo4j')
  assert.equal(alert.receivers, [{ name: 'on-call-engineer' }])
  assert.match(alert.annotations.action ?? '', 'scenarios/backup-failure.ts')
  const others = (await alerts(target)).filter(({ labels }) => labels.store && labels.store !== 'neo4j')
  assert.equal(others, [], 'the other stores are backed up')
}

function metrics(target: LabTarget): Promise<string> {
  const ask = 'exec 3<>/dev/tcp/127.0.0.1/9469 && printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3'
  return compose(target, 'exec', '-T', 'exporter', 'bash', '-c', ask).catch(() => '')
}

async function alerts({ env }: LabTarget): Promise<Alert[]> {
  const url = `http://127.0.0.1:${env.PUBLISH_ALERTMANAGER}/api/v2/alerts`
  const answer = await fetch(url).catch(() => undefined)
  return answer?.ok ? ((await answer.json()) as Alert[]) : []
}
