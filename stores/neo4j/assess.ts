import type { Command, Output } from '../../lib/command.ts'
import { stateOf } from '../../lib/runtime.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { newestUsable } from '../backups.ts'
import { inVolume, isOnline, status } from './commands.ts'
import type { Around, Neo4jAssessed, Neo4jBase } from './facts.ts'
import { findings, silence, unreadable } from './findings.ts'
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
      s => s.read('see what lies in its volume, and its last words', f => volumeFiles(f), readFiles),
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
tail -c 200000 /logs/debug.log 2>/dev/null | grep -aE '^Caused by|Failed to start DatabaseId' | tail -n 12; true`

/** What lies in its volume, and the last causes in its log. */
export function volumeFiles(f: Neo4jBase): Command {
  return inVolume(f, 'look', FILES)
}

export function readFiles(o: Output): { disk: Pick<Neo4jAssessed, 'onDisk' | 'failed' | 'words'> } {
  const [listed = '', said = ''] = o.stdout.split(/^--$/m)
  const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
  const failed = [...said.matchAll(/Failed to start DatabaseId\{\w+\[([^\]]+)\]\}/g)].at(-1)?.[1]
  return {
    disk: {
      onDisk: lines(listed).filter(name => name !== 'store_lock'),
      failed: failed ?? '',
      words: lines(said)
        .filter(line => line.startsWith('Caused by: '))
        .map(line => line.slice('Caused by: '.length)),
    },
  }
}
