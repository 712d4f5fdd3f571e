import type { Fault } from '../../lab/faults/fault.ts'
import { compose, containerOf, docker } from '../../lab/ground.ts'
import { type LabTarget, volumeName } from '../../lab/target.ts'
import { beginAgain, type Ready } from './ground.ts'
import { type Damaged, damage } from './recovered.ts'
import { answeredFor } from './terminal/session.ts'

export const NEO4J_LOSS = 'scenarios/neo4j-loss.ts'

/** Everything but the phrase, in advance. */
export function answered(backup = 'latest'): string[] {
  return answeredFor('neo4j', { backup, databases: 'neo4j' })
}

/** Begins from the kept graph and damages it. */
export async function damageNeo4j(ready: Ready, fault: Fault): Promise<Damaged> {
  await beginNeo4jAgain(ready)
  return damage(ready, fault)
}

/** As the backup found it; what a failed drill left behind goes. */
export async function beginNeo4jAgain(ready: Ready): Promise<void> {
  const { target } = ready
  for (const name of await besideService(target)) await docker(target, ['rm', '-f', name])
  for (const name of await runVolumes(target)) await docker(target, ['volume', 'rm', name])
  await beginAgain(ready, ['neo4j'])
}

/** Containers besides the service that have the volume of the data, the stopped ones too. */
export async function besideService(target: LabTarget): Promise<string[]> {
  const filter = `volume=${volumeName(target, 'neo4j_data')}`
  const names = await docker(target, ['ps', '-a', '--filter', filter, '--format', '{{.Names}}'])
  return names.split('\n').filter(name => name !== '' && name !== containerOf(target, 'neo4j'))
}

/** Volumes that runs have made. */
export async function runVolumes(target: LabTarget): Promise<string[]> {
  const filter = `name=^${target.project}-neo4j-`
  return (await docker(target, ['volume', 'ls', '-q', '--filter', filter])).split('\n').filter(Boolean)
}

/** A container that a killed run could have left behind: it has the volume, and the name of a run. */
export async function leaveOneOff(target: LabTarget, name: string): Promise<void> {
  const oneOff = ['run', '-d', '--no-deps', '--name', name, '--entrypoint', 'tail']
  await compose(target, ...oneOff, 'neo4j', '-f', '/dev/null')
}
