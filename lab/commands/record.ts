import { join } from 'node:path'
import { badInput, EXIT, Problem } from '../../lib/problem.ts'
import { readPastRun } from '../../runbook/recording.ts'
import { replay } from '../../runbook/replay.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import { incidentNames, newIncident } from '../drills/incidents.ts'
import { prepareGround } from '../drills/prepare.ts'
import { run, runHere } from '../drills/program.ts'
import { recover } from '../drills/scenario.ts'
import { startService } from '../drills/service.ts'
import { compose } from '../ground.ts'
import { keepRecording, RECORDINGS } from '../recordings.ts'
import { say } from '../setup/progress.ts'
import { ensureDocker, ensureEnv, ensureImages } from '../setup/setup.ts'
import { type LabTarget, labTarget } from '../target.ts'
import type { LabCommand } from './command.ts'

/** The disaster of each scenario: one in which its recovery has the most to decide. */
const FAULTS: Record<string, string> = {
  'qdrant-corruption': 'vector-bytes',
  'neo4j-loss': 'chunks-deleted',
  'postgres-loss': 'tables-emptied',
  'complete-failure': 'volumes-lost',
  'accidental-deletion': 'rows-deleted',
}

const NIGHTLY = '0 2 * * *'

export const record: LabCommand = {
  usage: '[scenario …]',
  summary: 'drill the scenarios and keep their runs for the replays of npm run check',
  details: `Drills each scenario, without names all six, and puts what its run has kept into ${RECORDINGS}/<scenario>.
When a command was changed on purpose, the old recordings say so in npm run check: record them again.
About two minutes for each scenario. A run of this takes the place of the recording only when today's steps
decide in its replay as they have decided in the run.`,
  options: {},
  run: async given => {
    const wanted = given.positionals.length > 0 ? given.positionals : SCENARIOS.map(({ id }) => id)
    for (const name of wanted) {
      if (SCENARIOS.some(({ id }) => id === name)) continue
      throw badInput(`there is no scenario "${name}"`, `one of ${SCENARIOS.map(({ id }) => id).join(', ')}`)
    }
    await ensureDocker({ yes: true })
    await ensureEnv()
    await ensureImages()
    const target = labTarget()
    for (const name of wanted) await recordOne(target, name)
  },
}

async function recordOne(target: LabTarget, name: string): Promise<void> {
  const earlier = incidentNames(target)
  const fault = FAULTS[name]
  const ended = fault ? await runHere(target, 'lab/drill.ts', [fault, '--yes']) : await withoutBackups(target)
  const incident = newIncident(target, earlier)
  if (ended !== EXIT.recovered || !incident)
    throw new Problem(`the drill of ${name} ended with exit code ${ended}: nothing is kept of it`)
  const scenario = SCENARIOS.find(({ id }) => id === name)!
  const { differences, commands } = await replay(scenario, readPastRun(incident))
  if (differences.length > 0)
    throw new Problem(`the replay of ${incident} is not what its run was: ${differences[0]!.sentence}`, {
      exitCode: EXIT.checkFailed,
      hint: `npx tsx tools/replay.ts ${incident}`,
    })
  keepRecording(incident, join(target.root, RECORDINGS, name))
  say(`${name} is recorded: ${commands} commands, ${RECORDINGS}/${name}`)
}

/** Both that a backup needs are down: MinIO, and the service that keeps the schedule. */
async function withoutBackups(target: LabTarget): Promise<number> {
  await prepareGround(target)
  const backup = await run(target, 'tools/backup-service.ts', ['--run-once'])
  if (backup.exitCode !== 0) throw new Problem('the backup before the drill failed', { tail: tailOf(backup) })
  await startService(target, 'off')
  const scheduled = { ...target, env: { ...target.env, LAB_BACKUP_SCHEDULE: NIGHTLY } }
  await compose(scheduled, 'up', '--no-start', '--no-deps', '--no-build', '--pull', 'never', 'backup-service')
  await compose(target, 'stop', 'minio')
  try {
    const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: NIGHTLY } }
    const ended = await recover(own, [], 'scenarios/backup-failure.ts', 900)
    if (ended.exitCode !== 0) for (const line of tailOf(ended)) say(`  | ${line}`)
    return ended.exitCode
  } finally {
    await startService(target, 'off')
  }
}

function tailOf({ stdout, stderr }: { stdout: string; stderr: string }): string[] {
  return (stderr.trim() || stdout.trim()).split('\n').slice(-8)
}
