import { type ServiceState, stateOf } from '../../lib/runtime.ts'
import type { Neo4jStore } from '../../lib/target.ts'
import { ask, type Diagnosis, type Look, type Looking } from '../diagnosis.ts'
import { readFiles, readStatus, volumeFiles } from './assess.ts'
import { cypher, DATA, inVolume, status } from './commands.ts'
import { dataVolume, type Neo4jBase } from './facts.ts'
import { isStopped } from './findings.ts'
import { parseRecord } from './plain.ts'

/** A transaction that waits for a lock says by whom it is blocked (Cypher manual, SHOW TRANSACTIONS). */
const WAITS = `SHOW TRANSACTIONS YIELD transactionId, username, elapsedTime, status, currentQuery
WHERE status STARTS WITH 'Blocked'
RETURN transactionId, username, toString(elapsedTime), status, left(currentQuery, 60)`

/** Transactions that wait for another one. */
export const neo4jWaits: Look<Neo4jStore> = async (looking, store) => {
  const { runtime } = looking.target
  const run = (query: string) => cypher(runtime, { ...store, database: 'system' }, query)
  const { stdout } = await ask(looking, run(WAITS))
  const waits = stdout
    .split('\n')
    .filter(line => line.startsWith('"'))
    .map(line => parseRecord(line).map(String))
  return waits.map(([id = '', user, since, state = '', query]) => {
    const holder = /Blocked by:? ?\[?'?([\w-]+)/.exec(state)?.[1]
    return {
      about: store.name,
      evidence: [`${id} of ${user} waits since ${since}: ${query}`, state],
      cause: 'another transaction holds the lock of a node or relationship that this one wants',
      next: [run('SHOW TRANSACTIONS'), run(`TERMINATE TRANSACTIONS '${holder ?? id}'`)],
    }
  })
}

type Seen = Neo4jBase & { states: ServiceState[] }

/** Why a database is not online: who else has its volume, whose its files are, what its log says. */
export const neo4jStart: Look<Neo4jStore> = async (looking, store) => {
  const f: Neo4jBase = { target: looking.target, run: looking.run, store }
  const { up, online, said } = readStatus(await ask(looking, status(f)))
  if (online) return []
  const states = await looking.states
  const { runtime } = looking.target
  const layout = runtime.readLayout(await ask(looking, runtime.layout()))
  const around = { ...f, layout, states }
  const { container, state, exitCode } = stateOf(states, store.service)
  const [strangers, foreign, started, files] = await Promise.all([
    othersWith(looking, around, dataVolume(around)),
    ask(looking, inVolume(around, 'owners', OWNERS, [], { user: '0' })),
    ask(looking, runtime.lastStart(container)).then(runtime.readLastStart),
    ask(looking, volumeFiles(around)),
  ])
  const { disk } = readFiles(files, { started: started ?? null, up })
  // Of a server that somebody has stopped the log only tells what was before.
  const words = isStopped(stateOf(states, store.service)) ? [] : disk.words
  const owners = foreign.stdout.split('\n').filter(Boolean)
  const evidence = [
    up
      ? `the server answers, its database ${store.database} does not: ${said}`
      : `${store.service} is ${state}`,
    ...words.slice(-2),
  ]
  const found = [
    ...strangers.map(name => inUse(f, name)),
    ...(owners.length > 0 ? [notItsOwn(f, owners)] : []),
    ...KNOWN.filter(([pattern]) => words.some(line => pattern.test(line)))
      .slice(0, 1)
      .map(([, cause, next]) => ({ about: store.name, evidence, cause, next: next(f) })),
  ]
  if (found.length > 0) return found
  return [unknown({ ...f, states }, evidence, disk.onDisk, exitCode)]
}

/** As root: the point is to see what the server's own user cannot. */
const OWNERS = `find ${DATA} ! -user 7474 -exec ls -ld {} + 2>/dev/null | head -n 3`

async function othersWith(looking: Looking, f: Seen, volume: string | undefined): Promise<string[]> {
  if (volume === undefined) return []
  const { container } = stateOf(f.states, f.store.service)
  const { stdout } = await ask(looking, f.target.runtime.usersOf(volume))
  const others = stdout.split('\n').filter(name => name !== '' && name !== container)
  // The looks of this very program have it too.
  return others.filter(name => !name.endsWith(f.run.id))
}

function inUse({ target, store }: Neo4jBase, name: string): Diagnosis {
  return {
    about: store.name,
    evidence: [`the container ${name} has its volume too`],
    cause:
      'whoever opens the store first holds its lock. The lock is the operating system’s: deleting store_lock would ' +
      'let two processes open one store',
    next: [
      target.runtime.containerNamed(name),
      target.runtime.removeContainer(name),
      start({ target, store }),
    ],
  }
}

function notItsOwn({ target, store, run }: Neo4jBase, owners: readonly string[]): Diagnosis {
  return {
    about: store.name,
    evidence: ['files that do not belong to uid 7474:', ...owners],
    cause: 'neo4j-admin ran as root, or files were copied in: the server cannot write them',
    next: [
      inVolume({ target, store, run }, 'chown', `chown -R 7474:7474 ${DATA}`, [], { user: '0' }),
      start({ target, store }),
    ],
  }
}

function start({ target, store }: Pick<Neo4jBase, 'target' | 'store'>) {
  return target.runtime.start([store.service])
}

const LOSS = 'npx tsx scenarios/neo4j-loss.ts'

/** What its log says when it cannot open a database, and what that means. */
const KNOWN: [RegExp, string, (f: Neo4jBase) => Diagnosis['next']][] = [
  [
    /(?:File)?LockException|already in use|Lock file/i,
    'another process has the store open',
    ({ target }) => [target.runtime.states()],
  ],
  [
    /AccessDenied|Permission denied/i,
    'the server may not read or write a file of its store',
    f => [inVolume(f, 'owners', `ls -lR ${DATA} | head -n 50`, [], { user: '0' })],
  ],
  [
    /newer (?:version|format)|not supported|cannot be (?:upgraded|read by)|Unknown store version/i,
    'the store was written by another version of Neo4j than this image has',
    () => [
      'set the image of the service to the version of the backup: npx tsx tools/restore-backup.ts --list --type neo4j',
    ],
  ],
  [/No space left/i, 'the disk is full', () => ['npx tsx tools/diagnose.ts space']],
  [
    /Failed to read|checksum|corrupt|Missing|not contain|inconsisten|UnderlyingStorage|NoSuchFile|invalid|Malformed/i,
    'files of the store are damaged or missing',
    () => [`${LOSS} (sets the store aside and restores it; undo moves it back)`],
  ],
]

function unknown(
  f: Seen,
  evidence: readonly string[],
  onDisk: readonly string[],
  exitCode: number,
): Diagnosis {
  const { target, store } = f
  if (!onDisk.includes(store.database))
    return {
      about: store.name,
      evidence: [...evidence, `databases with files: ${onDisk.join(', ') || 'none'}`],
      cause: `the files of ${store.database} are gone`,
      next: [LOSS],
    }
  if (isStopped(stateOf(f.states, store.service)))
    return {
      about: store.name,
      evidence: [...evidence, `exit code ${exitCode}; its files are there`],
      cause: 'somebody has stopped it',
      next: [start(f)],
    }
  return {
    about: store.name,
    evidence,
    cause: 'its log gives no reason that is known here',
    next: [target.runtime.logs(store.service, 200), `${LOSS} --plan`],
  }
}
