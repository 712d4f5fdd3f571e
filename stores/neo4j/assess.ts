import type { Command, Output } from '../../lib/command.ts'
import { type LastStart, stateOf } from '../../lib/runtime.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { newestUsable } from '../backups.ts'
import { inVolume, isOnline, status } from './commands.ts'
import type { Around, Neo4jAssessed, Neo4jBase } from './facts.ts'
import { findings, silence, unreadable } from './findings.ts'
import { isCause, LOG, saidSince } from './log.ts'
import { parseRecord } from './plain.ts'
import { type Look, lookIfReadable } from './read.ts'

type Needs = Neo4jBase & Around

/** Looks at everything a Neo4j shows of itself, and at its files and its log when the database is not online. */
export const assessNeo4j = (s: Sequence<Needs>): Sequence<Needs & Neo4jAssessed> => {
  const looked = s
    .read('ask Neo4j whether its database is online', f => status(f), readStatus)
    .gather(
      'server',
      f => (f.online ? ['neo4j'] : []),
      s =>
        s.read(
          'count its nodes and relationships, see its schema and users',
          f => lookIfReadable(f.target, f.store),
          o => ({ look: JSON.parse(o.stdout) as Partial<Look> & { unreadable?: string } }),
        ),
      'looks',
      f => f.look,
      'If it is online',
    )
    .gather(
      'volume',
      f => (f.online ? [] : ['data']),
      s =>
        s
          // A fact of its own: the page knows no state of a service, and shows a name to be filled in.
          .let('find its container', f => ({ container: stateOf(f.states, f.store.service).container }))
          .read(
            'see when its container was started last',
            f => f.target.runtime.lastStart(f.container),
            (o, f) => ({ started: f.target.runtime.readLastStart(o) ?? null }),
          )
          .read('see what lies in its volume, and its last words since then', f => volumeFiles(f), readFiles),
      'disks',
      f => f.disk,
      'If it is not online',
    )
    .let(
      'conclude what is wrong',
      f => {
        const graph = f.looks[0]?.graph ?? null
        const seen = { graph, ...(f.disks[0] ?? { onDisk: [], failed: '', words: [] }) }
        const state = stateOf(f.states, f.store.service)
        const was = newestUsable(f.target, f.candidates, f.store)?.member
        if (graph) return { ...seen, findings: findings(f.store.name, graph, was) }
        const words = f.looks[0]?.unreadable
        if (words !== undefined) return { ...seen, findings: [unreadable(f.store.name, words)] }
        return { ...seen, findings: [silence({ ...f, ...seen }, f.store, state)] }
      },
      ['findings'],
    )
  return looked as unknown as Sequence<Needs & Neo4jAssessed>
}

/** `up`: the server answers, whatever its database does. */
export function readStatus(o: Output): Pick<Neo4jAssessed, 'up' | 'online' | 'said'> {
  const record = o.stdout.split('\n').find(line => line.startsWith('"'))
  if (o.exitCode !== 0 || !record) return { up: o.exitCode === 0, online: false, said: '' }
  const [state, message] = parseRecord(record)
  return { up: true, online: isOnline(o), said: isOnline(o) ? '' : `${state} ${message}`.trim() }
}

const FILES = `ls -1 /data/databases 2>/dev/null; echo --
${LOG}; true`

/** What lies in its volume, and the lines of its log that tell of a failure. */
export function volumeFiles(f: Neo4jBase): Command {
  return inVolume(f, 'look', FILES)
}

/** How many of the last causes are kept. */
const MOST = 12

export function readFiles(
  o: Output,
  f: { started: LastStart | null; up: boolean },
): { disk: Pick<Neo4jAssessed, 'onDisk' | 'failed' | 'words'> } {
  const [listed = '', log = ''] = o.stdout.split(/^--$/m)
  const said = saidSince(log, f)
  const failed = said.map(line => /Failed to start DatabaseId\{\w+\[([^\]]+)\]\}/.exec(line)?.[1])
  const words = said.filter(isCause).map(line => line.slice('Caused by: '.length))
  return {
    disk: {
      onDisk: listed.split('\n').filter(name => name.trim() !== '' && name !== 'store_lock'),
      failed: failed.findLast(name => name !== undefined) ?? '',
      words: words.slice(-MOST),
    },
  }
}
