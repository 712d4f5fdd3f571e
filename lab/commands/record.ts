import { join } from 'node:path'
import { badInput, EXIT, Problem } from '../../lib/problem.ts'
import { readRecordedRun } from '../../runbook/recording.ts'
import { replay } from '../../runbook/replay.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import { incidentNames, newIncident } from '../drills/incidents.ts'
import { prepareGround } from '../drills/prepare.ts'
import { type Ended, run } from '../drills/program.ts'
import { keepStores, rewindStores } from '../drills/rewind.ts'
import { recover } from '../drills/scenario.ts'
import { rightAnswer } from '../drills/script.ts'
import { startService } from '../drills/service.ts'
import { faultNamed, inject } from '../faults/faults.ts'
import { compose } from '../ground.ts'
import { DOCUMENTS } from '../platform/qdrant.ts'
import { keepRecording, RECORDINGS } from '../recordings.ts'
import { say, track } from '../setup/progress.ts'
import { ensureDocker, ensureEnv, ensureImages } from '../setup/setup.ts'
import { WRITERS, waitUntilHealthy, waitUntilStoresAnswer } from '../start.ts'
import { type LabTarget, labTarget } from '../target.ts'
import type { LabCommand } from './command.ts'

/** The disaster of each scenario; for backups that are not running there is no fault of a store. */
const FAULTS: Record<string, string> = {
  'qdrant-corruption': 'vector-bytes',
  'neo4j-loss': 'chunks-deleted',
  'postgres-loss': 'tables-emptied',
  'complete-failure': 'volumes-lost',
  'accidental-deletion': 'rows-deleted',
}

const STORES = ['qdrant', 'neo4j', 'postgres'] as const
const NIGHTLY = '0 2 * * *'
const SECONDS = 900

export const record: LabCommand = {
  usage: '[scenario …]',
  summary: 'run each scenario once and keep the runs for the replays of npm run check',
  details: `Seeds the practice ground, backs it up, and for each scenario, without names all six, breaks it, recovers it
and puts what the run has kept into ${RECORDINGS}/<scenario>; in between the stores come back as they were.
When a command was changed on purpose, npm run check finds it in the old recordings: record them again.
A run takes the place of the recording only when it recovered, and when its own replay finds no difference.`,
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
    await recordAll(labTarget(), wanted)
  },
}

async function recordAll(target: LabTarget, names: readonly string[]): Promise<void> {
  await prepareGround(target)
  await track('backup', 'npx tsx tools/backup-service.ts --run-once', () => backUp(target))
  await track('stores', 'keeping them as they are', () => keepAll(target))
  for (const name of names) {
    await track(name, 'breaking the platform and recovering it', () => recordOne(target, name))
    await track('stores', 'bringing them back', () => bringBack(target))
  }
}

async function backUp(target: LabTarget): Promise<void> {
  const ended = await run(target, 'tools/backup-service.ts', ['--run-once'], SECONDS)
  if (ended.exitCode !== 0) throw failed('the backup', ended)
}

async function keepAll(target: LabTarget): Promise<void> {
  await compose(target, 'stop', ...WRITERS)
  await keepStores(target, STORES)
  await waitUntilStoresAnswer(target)
  await compose(target, 'start', ...WRITERS)
  await waitUntilHealthy(target)
}

async function bringBack(target: LabTarget): Promise<void> {
  await compose(target, 'stop', ...WRITERS)
  await rewindStores(target, STORES)
  await waitUntilStoresAnswer(target)
  await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never')
  await waitUntilHealthy(target)
}

async function recordOne(target: LabTarget, name: string): Promise<void> {
  const earlier = incidentNames(target)
  const fault = FAULTS[name]
  const ended = fault ? await recovered(target, name, fault) : await repaired(target)
  const incident = newIncident(target, earlier)
  if (ended.exitCode !== EXIT.recovered || !incident) throw failed(`the recovery of ${name}`, ended)
  const scenario = SCENARIOS.find(({ id }) => id === name)!
  const { differences, commands } = await replay(scenario, readRecordedRun(incident))
  if (differences.length > 0)
    throw new Problem(`the replay of ${incident} is not what its run was: ${differences[0]!.sentence}`, {
      exitCode: EXIT.checkFailed,
      hint: `npx tsx tools/replay.ts ${incident}`,
    })
  keepRecording(incident, join(target.root, RECORDINGS, name))
  say(`  ${name}: ${commands} commands are kept in ${RECORDINGS}/${name}`)
}

async function recovered(target: LabTarget, name: string, id: string): Promise<Ended> {
  const fault = faultNamed(id)
  await inject(target, fault)
  const { answers } = rightAnswer(fault, DOCUMENTS)
  return recover(target, answers, `scenarios/${name}.ts`, SECONDS)
}

/** Both that a backup needs are down: MinIO, and the service that keeps the schedule. */
async function repaired(target: LabTarget): Promise<Ended> {
  const scheduled = { ...target, env: { ...target.env, LAB_BACKUP_SCHEDULE: NIGHTLY } }
  await compose(scheduled, 'up', '--no-start', '--no-deps', '--no-build', '--pull', 'never', 'backup-service')
  await compose(target, 'stop', 'minio')
  try {
    const own = { ...target, env: { ...target.env, BACKUP_SCHEDULE: NIGHTLY } }
    return await recover(own, [], 'scenarios/backup-failure.ts', SECONDS)
  } finally {
    await compose(target, 'start', 'minio')
    await startService(target, 'off')
  }
}

function failed(what: string, { exitCode, stdout, stderr }: Ended): Problem {
  const tail = (stderr.trim() || stdout.trim()).split('\n').slice(-12)
  return new Problem(`${what} ended with exit code ${exitCode}: nothing is kept of it`, { tail })
}
