import type { Command } from '../../lib/command.ts'
import { stamp } from '../../lib/format.ts'
import { exportsOf, render } from '../../lib/render.ts'
import type { Target } from '../../lib/target.ts'
import { storeNamed } from '../../lib/target.ts'
import type { Facts, Node } from '../../runbook/model.ts'
import { perform } from '../../runbook/perform.ts'
import { commandsOf, type Item, resolve } from '../../runbook/plan.ts'
import { walk } from '../../runbook/tree.ts'
import { qdrantCorruption } from '../../scenarios/qdrant-corruption.ts'
import { assessQdrant } from '../../steps/assess-qdrant.ts'
import { usable } from '../../stores/backups.ts'
import { conclude, type Restoring, type Switch } from '../../stores/qdrant/facts.ts'

/** The recovery as a person would type it, made from the plan itself. */
export interface Scripts {
  /** What comes before the stop, not timed: the backup is downloaded and verified. */
  prepare: string
  /** From the stop to the last smoke test. */
  recover: string
  /** Commands in `recover`; loops over what is not known yet count once. */
  commands: number
  /** Incident folder that they write to, relative to the target's root. */
  folder: string
}

const VERIFY = 'verify-qdrant-backup'
/** First and last step of the timed part. */
export const TIMED = { from: 'stop-services', to: 'smoke-test' } as const

/** Looks at the target as the scenario does, takes its newest backup with every collection, and writes scripts. */
export async function rawScripts(target: Target): Promise<Scripts> {
  const facts = await knownFacts(target)
  const after = stepNodes(TIMED.from, TIMED.to)
  const recover = resolve(after, facts)
  const head = [...commandsOf([...resolve(stepNodes(VERIFY, VERIFY), facts), ...recover])]
  const exports = exportsOf(head.map(item => item.command))
  return {
    prepare: script(exports, resolve(stepNodes(VERIFY, VERIFY), facts), facts),
    recover: script(exports, recover, facts),
    commands: [...commandsOf(recover)].length,
    folder: facts.run.folder,
  }
}

async function knownFacts(target: Target): Promise<Facts> {
  const store = storeNamed(target, 'qdrant', 'qdrant')
  const id = stamp(new Date())
  const run = { id, folder: `incidents/${id}-by-hand` }
  const seen = await perform(assessQdrant, { target, store, run }, { lookOnly: true })
  const newest = usable(seen.candidates, 'qdrant')[0]
  if (!newest) throw new Error('there is no backup to recover from')
  const all = newest.member.collections.map(collection => collection.name)
  // As in a run whose operator was not at the fence: the stop is part of what is timed.
  return { ...seen, fence: 'no', ...conclude(seen, newest, all) }
}

function stepNodes(from: string, to: string): Node[] {
  const at = (id: string) =>
    qdrantCorruption.nodes.findIndex(node => node.kind === 'step' && node.step.id === id)
  const nodes = qdrantCorruption.nodes.slice(at(from), at(to) + 1)
  if (at(from) < 0 || nodes.length === 0) throw new Error(`the scenario has no steps ${from} to ${to}`)
  return nodes.filter(node => node.kind === 'step')
}

const HEAD = `#!/bin/sh
set -e
expect() { # a pattern that the last answer must have
  printf '%s' "$last" | grep -q -- "$1" || { printf 'FAILED: %s\\n%s\\n' "$2" "$last" >&2; exit 2; }
}
healthy() { # no service is starting, ill or away
  ! printf '%s' "$last" | grep -Eq '"Health":"(starting|unhealthy)"|"State":"(exited|restarting|created)"'
}
`

function script(exports: readonly string[], items: readonly Item[], facts: Facts): string {
  return `${HEAD}\n${exports.join('\n')}\n\n${items.map(item => lines(item, facts)).join('\n')}\n`
}

function lines(item: Item, facts: Facts): string {
  if (item.kind === 'step') {
    return [`# == ${item.step.title}`, ...item.items.map(inner => lines(inner, facts))].join('\n')
  }
  if (item.kind === 'command') return `# ${item.say}\n${commandLines(item, facts)}`
  if (item.kind === 'loop' && item.heading === 'For each leftover') return leftovers(item.items, facts)
  throw new Error(
    `a script cannot be written for what is not decided yet: ${JSON.stringify(item).slice(0, 200)}`,
  )
}

function commandLines(item: Item & { kind: 'command' }, facts: Facts): string {
  const text = render(item.command)
  switch (item.effect) {
    case 'write':
    case 'keep':
      return text
    case 'read':
      return `last=$(${text})`
    case 'check':
      return `last=$(${text})\nexpect '${expected(item.command, facts)}' '${item.say}'`
    case 'until':
      return `until last=$(${text})${item.command.argv.includes('ps') ? ' && healthy' : ''}; do sleep ${everyOf(item.say)}; done`
  }
}

/** What a person would look for in the answer of a check. */
function expected(command: Command, facts: Facts): string {
  const [, , , verb, , name] = command.argv
  if (command.argv[2] !== 'tools/points.ts') return '.'
  if (verb === 'references') return '"missing":0,'
  const fresh = (facts.switches as Switch[]).find(each => each.name === name)?.to ?? name
  const collection = (facts.restoring as Restoring[]).find(each => each.fresh === fresh)
  if (!collection) throw new Error(`the plan inspects ${name}, which it does not restore`)
  return `"fingerprint":"${collection.fingerprint}"`
}

/** A person would poll as often as the plan does; more often costs both cores, less often waits longer. */
function everyOf(say: string): number {
  for (const { node } of walk(qdrantCorruption.nodes)) {
    if (node.kind === 'until' && say.startsWith(node.say)) return node.limits.every
  }
  throw new Error(`the scenario does not wait for "${say}"`)
}

/** The files that the answer before has listed; `<leftover>` stands inside of single quotes. */
function leftovers(items: readonly Item[], facts: Facts): string {
  const body = items.map(item => lines(item, facts).replaceAll('<leftover>', `'"$leftover"'`)).join('\n')
  const names = `printf '%s' "$last" | grep -o '"name":"[^"]*"' | cut -d '"' -f 4`
  return `for leftover in $(${names}); do\n${body}\ndone`
}
