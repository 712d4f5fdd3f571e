import type { Output } from '../../lib/command.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Like, seeLikeness } from '../apart.ts'
import { explained, known } from './admin.ts'
import { apart, containerName, DATA } from './commands.ts'
import type { Reading } from './content.ts'
import type { Neo4jBase } from './facts.ts'
import { definition, type Key } from './graph.ts'
import { readCopy } from './read.ts'
import { createVolume, removeVolume } from './staging.ts'

type Needs = Neo4jBase & { keys: Key[] }

/** The volume of a copy that no service uses. */
export const scratch = (f: Neo4jBase) => containerName(f, 'scratch')

/** What proving a dump has shown. */
export interface Proven {
  reading: Reading
  store_bytes: number
  load_seconds: number
  read_seconds: number
}

/**
 * Loads the dumps into a volume of their own, checks that copy and reads all of it in a throw-away server:
 * what the manifest says was counted in the backup itself, and it is known to restore. The live graph goes on
 * meanwhile, so its own figures would not be those of the dump.
 */
export function proveDumps<F extends Needs>(s: Sequence<F>) {
  const noted = (s as unknown as Sequence<Needs>).let('note the time', () => ({ loading: Date.now() }))
  const read = checkScratch(loadIntoScratch(noted))
    .let('note the time', f => ({ load_seconds: (Date.now() - f.loading) / 1000 }))
    .read(
      'see how much room it takes',
      f => inScratch(f, 'size', ['du', '-sk', DATA]),
      o => ({ store_bytes: Number.parseInt(o.stdout, 10) * 1024 }),
    )
    .read(
      'read all of the copy in a throw-away server',
      f => readCopy(f, scratch(f), f.keys),
      o => ({ reading: sound(JSON.parse(o.stdout) as Reading), read_seconds: o.durationMs / 1000 }),
    )
  return removeVolume(read, 'remove the copy', scratch) as unknown as Sequence<F & Proven>
}

const LOAD_ALL = [
  'neo4j-admin',
  'database',
  'load',
  '--verbose',
  '*',
  '--from-path=/var/lib/neo4j/import',
] as const

/** Loads the staged dumps, graph and users, into a volume of their own. */
export function loadIntoScratch<F extends Neo4jBase>(s: Sequence<F>): Sequence<F & Like> {
  return createVolume(seeLikeness(s), 'make a volume for a copy', scratch).write('load the dumps into it', {
    run: f => explained(inScratch(f, 'load', LOAD_ALL)),
    probe: {
      look: f => inScratch(f, 'loaded', ['du', '-sk', `${DATA}/databases/${f.store.database}`]),
      state: o => (Number.parseInt(o.stdout, 10) > 0 ? 'done' : 'absent'),
    },
    undo: { none: 'it is a copy in a volume of this run' },
  })
}

export function checkScratch<F extends Neo4jBase & Like>(s: Sequence<F>): Sequence<F> {
  return s.check(
    'the copy is consistent',
    f => {
      const check = ['neo4j-admin', 'database', 'check', f.store.database, '--report-path=/tmp'] as const
      return inScratch(f, 'check', check, [1, 70])
    },
    consistent,
  )
}

function inScratch(
  f: Neo4jBase & Like,
  what: string,
  argv: readonly [string, ...string[]],
  ok: readonly number[] = [],
) {
  return apart(f, what, argv, { mounts: [{ volume: scratch(f), at: DATA }], limits: { total: 3600 }, ok })
}

/** neo4j-admin's check: 0 or a report of what is inconsistent. */
export function consistent(o: Output): Verdict {
  if (o.exitCode === 0) return { verdict: 'proven', found: 'store, indexes and counts agree' }
  const told = known(o)
  if (told) return { verdict: 'failed', found: `${told.message}; ${told.hint}` }
  const said = `${o.stdout}\n${o.stderr}`
    .split('\n')
    // The last line is its own hint, which names no cause.
    .filter(line => /inconsist|invalid|error|fail/i.test(line) && !/--verbose/.test(line))
  return { verdict: 'failed', found: said.at(-1)?.trim().slice(0, 200) ?? `exit code ${o.exitCode}` }
}

/** Throws a Problem when what was read is not what the copy says of itself. */
export function sound(reading: Reading): Reading {
  const { graph, nodes, relationships } = reading
  const [read, also] = [Number.parseInt(nodes, 10), Number.parseInt(relationships, 10)]
  const broken = graph.indexes.filter(index => index.state !== 'ONLINE').map(definition)
  if (read === graph.nodes && also === graph.relationships && broken.length === 0) return reading
  const what =
    broken.length > 0
      ? `these indexes are not online: ${broken.join(', ')}`
      : `${graph.nodes} nodes and ${graph.relationships} relationships counted, ${read} and ${also} read`
  throw new Problem(`the copy of the dump is not sound: ${what}`, {
    exitCode: EXIT.checkFailed,
    hint: 'the live graph goes on as it was; read its log, then back up again',
  })
}
