import type { Output } from '../../lib/command.ts'
import { count, plural } from '../../lib/format.ts'
import type { Judge, Skip, Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import {
  type Against,
  DELETED_SHARE,
  enough,
  leastOf,
  named,
  none,
  presence,
  skip,
  unknown,
} from '../expected.ts'
import { online } from './back-up.ts'
import { status } from './commands.ts'
import type { Neo4jBase } from './facts.ts'
import { missing } from './findings.ts'
import type { Graph } from './graph.ts'
import { type Walk, walkPaths } from './paths.ts'
import { lookAt } from './read.ts'

export type Needs = Neo4jBase & Against<'neo4j'> & { graph: Graph | null }

/** What the checklist of Neo4j asks before anything is counted. */
export const reachNeo4j = (s: Sequence<Needs>) =>
  s
    .check('its database is online', f => status(f), online)
    // Over the network of the platform, by the service's name and with its password, as services connect.
    .checks('walk some paths over Bolt', f => walkPaths(f.target, f.store, typesOf(f)), {
      'it can be reached over Bolt': reached,
      'sample paths lead from end to end': walked,
    })

/** The same of what a look at the whole graph shows. */
export const countNeo4j = (s: Sequence<Needs>) =>
  s.checks('count nodes, relationships and schema', f => lookAt(f.target, f.store), WHOLE)

/** Of the types of the backup; without one of those that are there. */
function typesOf({ backup, graph }: Needs): Record<string, number> {
  return backup?.member.types ?? graph?.types ?? {}
}

export function reached(o: Output, { store }: Pick<Needs, 'store'>): Verdict {
  const { refused } = JSON.parse(o.stdout) as Walk
  const expected = `an answer to ${store.user} at bolt://${store.service}:7687`
  if (refused === '') return { verdict: 'proven', expected, found: 'it answers' }
  return { verdict: 'failed', expected, found: refused.slice(0, 200) }
}

export function walked(o: Output, { backup }: Pick<Needs, 'backup'>): Verdict {
  const { refused, paths } = JSON.parse(o.stdout) as Walk
  if (refused !== '') return { verdict: 'unchecked', found: 'it does not answer' }
  const types = Object.entries(backup?.member.types ?? {}).filter(([, n]) => n > 0)
  const none = types.map(([type]) => type).filter(type => !paths.some(path => path.type === type))
  const broken = paths.filter(({ whole, walked }) => whole < walked)
  const wrong = [
    ...none.map(type => `no path by ${type}`),
    ...broken.map(({ type, whole, walked }) => `${walked - whole} of ${walked} by ${type} lead nowhere`),
  ]
  const sum = paths.reduce((all, { walked }) => all + walked, 0)
  const found = `${plural(sum, 'path')} by ${plural(paths.length, 'type')} lead from end to end and back`
  const expected = 'some paths of every type, both ends reached from each other'
  if (wrong.length > 0) return { verdict: 'failed', expected, found: named(wrong) }
  return { verdict: 'proven', expected, found }
}

function graphOf(o: Output): Graph {
  return (JSON.parse(o.stdout) as { graph: Graph }).graph
}

export function allLabels(o: Output, { backup, store }: Needs): Verdict {
  return enough(
    graphOf(o).labels,
    leastOf(backup, ({ labels }) => labels, store.critical?.labels),
  )
}

export function allTypes(o: Output, { backup }: Needs): Verdict {
  const { types } = graphOf(o)
  if (backup)
    return enough(
      types,
      leastOf(backup, member => member.types, undefined),
    )
  return unknown(named(Object.entries(types).map(([type, n]) => `${type} ${count(n)}`)) || 'none')
}

/** A share and not a number: a graph that grows has more of everything. */
export function isolatedAsUsual(o: Output, { backup }: Pick<Needs, 'backup'>): Verdict | Skip {
  const { isolated, nodes } = graphOf(o)
  const of = (alone: number, all: number) => `${count(alone)} of ${plural(all, 'node')}`
  const found = of(isolated, nodes)
  if (!backup) return unknown(found)
  const { member, id } = backup
  if (member.isolated === undefined)
    return skip(
      `${found} have no relationship; ${id} is older than this figure and does not say how many had none`,
    )
  const usual = member.isolated / Math.max(1, member.nodes)
  const expected = `${of(member.isolated, member.nodes)} (${id}), and at most ${DELETED_SHARE * 100} % of all more`
  const verdict = isolated / Math.max(1, nodes) > usual + DELETED_SHARE ? 'failed' : 'proven'
  return { verdict, expected, found }
}

export function indexesUp(o: Output): Verdict {
  const { indexes } = graphOf(o)
  const broken = indexes.filter(({ state }) => state !== 'ONLINE')
  return none(
    broken.map(({ name, state }) => `${name} is ${state}`),
    'every index is ONLINE',
    `${plural(indexes.length, 'index', 'indexes')} online`,
  )
}

export function schemaThere(o: Output, { backup }: Pick<Needs, 'backup'>): Verdict {
  const now = graphOf(o)
  const told = ({ constraints, indexes }: Pick<Graph, 'indexes' | 'constraints'>) =>
    `${plural(constraints.length, 'constraint')}, ${plural(indexes.length, 'index', 'indexes')}`
  if (!backup) return unknown(told(now))
  const gone = missing(now, backup.member).map(({ what, name }) => `the ${what} ${name} is missing`)
  return none(gone, `${told(backup.member)} (${backup.id})`, told(now))
}

export function usersThere(o: Output, { backup }: Pick<Needs, 'backup'>): Verdict {
  const { users } = graphOf(o)
  if (!backup) return unknown(named(users))
  const gone = backup.member.users.filter(user => !users.includes(user))
  return none(
    gone.map(user => `${user} is missing`),
    `${named(backup.member.users)} (${backup.id})`,
    named(users),
  )
}

export function labelsPresent(o: Output, { backup, store }: Needs): Verdict {
  const { labels } = graphOf(o)
  return presence(
    'labels',
    Object.keys(labels),
    leastOf(backup, member => member.labels, store.critical?.labels),
  )
}

/** Judged by counts and schema of the whole graph. */
export const WHOLE: Record<string, Judge<Needs>> = {
  'every label is there': labelsPresent,
  'every label has its nodes': allLabels,
  'every type has its relationships': allTypes,
  'no more nodes are isolated than usual': isolatedAsUsual,
  'every index is online': indexesUp,
  'every index and constraint of the backup is there': schemaThere,
  'every user of the backup is there': usersThere,
}
