import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { RECORDINGS, withoutNames } from '../../lab/recordings.ts'
import type { Command, Output } from '../../lib/command.ts'
import type { AnyScenario, AnyStep, Facts, Node } from '../../runbook/model.ts'
import { OUTPUTS, type PastRun, readPastRun, TARGET } from '../../runbook/recording.ts'
import { replay } from '../../runbook/replay.ts'
import type { Difference } from '../../runbook/replay-differences.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import { assert, describe } from '../describe.ts'

const RECORD = 'changed on purpose? Record it again: npm run lab -- record'
const MOST_BYTES = 400 * 1024

const folderOf = ({ id }: AnyScenario) => join(RECORDINGS, id)

describe('a recorded run of each scenario', suite => {
  for (const scenario of SCENARIOS) {
    suite.test(`${scenario.id}: today's steps decide as they did in the run that worked`, async () => {
      const run = readPastRun(folderOf(scenario))
      const closed = run.events.find(event => event.kind === 'closed')
      assert.is(closed?.kind === 'closed' && closed.exitCode, 0, 'what is recorded must have worked')
      const { differences, commands } = await replay(scenario, run)
      assert.equal(differences.map(told), [], `${differences.map(told).join('\n')}\n${RECORD}`)
      assert.is(commands, run.outputs.length)
    })

    suite.test(`${scenario.id}: its recording is small and names nobody`, () => {
      for (const name of ['journal.jsonl', OUTPUTS, TARGET]) {
        const file = join(folderOf(scenario), name)
        assert.ok(statSync(file).size < MOST_BYTES, `${file} has ${statSync(file).size} bytes`)
        assert.not.match(readFileSync(file, 'utf8'), /\/work\/|\/root\/\w|\/home\/\w+/)
      }
    })

    suite.test(`${scenario.id}: an argument more in one command is found, whichever it is`, async () => {
      const run = readPastRun(folderOf(scenario))
      for (const node of commandsIn(scenario.nodes).filter(({ kind }) => kind === 'write')) {
        const changed = exchanged(scenario, node, { ...node, run: withOneMore(node.run) })
        const found = (await replay(changed, run)).differences
        const is = found.filter(({ kind }) => kind === 'command' || kind === 'plan')
        assert.ok(is.length > 0 || !wasRun(run, node.say), `${node.say}: ${found.map(told).join('\n')}`)
      }
    })
  }

  suite.test('there is none that no scenario has', () => {
    for (const scenario of SCENARIOS) assert.ok(existsSync(folderOf(scenario)), folderOf(scenario))
  })

  suite.test('a check that judges otherwise is found, and what is learned otherwise', async () => {
    const scenario = SCENARIOS[0]!
    const run = readPastRun(folderOf(scenario))
    const check = commandsIn(scenario.nodes).find(node => node.kind === 'check' && wasRun(run, node.say))!
    const failing = { ...check, holds: () => ({ verdict: 'failed', found: 'nothing is right' }) } as Node
    const judged = (await replay(exchanged(scenario, check, failing), run)).differences
    assert.equal(judged.map(({ kind }) => kind).slice(0, 2), ['verdict', 'outcome'])

    const read = commandsIn(scenario.nodes).find(node => node.kind === 'read' && node.learn)!
    const learn = (o: Output, f: Facts) => ({ ...(read as Learning).learn(o, f), more: 'than before' })
    const learned = (await replay(exchanged(scenario, read, { ...read, learn } as Node), run)).differences
    assert.ok(learned.some(({ kind, sentence }) => kind === 'fact' && sentence.includes('"more"')))
  })

  suite.test('an output that is missing is told', async () => {
    const scenario = SCENARIOS[0]!
    const run = readPastRun(folderOf(scenario))
    for (const at of [0, run.outputs.length >> 1, run.outputs.length - 1]) {
      const outputs = run.outputs.filter((_, index) => index !== at)
      const { differences } = await replay(scenario, { ...run, outputs })
      assert.ok(differences.length > 0, `without ${run.outputs[at]!.command}`)
    }
  })

  suite.test('keeps no name of a machine, a directory or an engineer', () => {
    const run = readPastRun(folderOf(SCENARIOS[0]!))
    const named = JSON.parse(
      JSON.stringify(run).replaceAll('/srv/ai-platform', '/opt/secret-place').replaceAll('"host"', '"box7"'),
    ) as PastRun
    named.events.forEach(event => {
      if ('operator' in event) event.operator = 'ada'
      if ('host' in event) event.host = 'box7'
    })
    const text = JSON.stringify(withoutNames(named))
    assert.not.match(text, /secret-place|box7|ada"/)
  })
})

type Commanding = Node & { kind: 'read' | 'write' | 'check' | 'keep' | 'until'; run: (f: Facts) => Command }
type Learning = { learn: (o: Output, f: Facts) => Facts }

/** Every node of a tree that runs a command. */
function commandsIn(nodes: readonly Node[]): Commanding[] {
  return nodes.flatMap((node): Commanding[] => {
    if ('run' in node) return [node]
    return inside(node).flatMap(commandsIn)
  })
}

function inside(node: Node): (readonly Node[])[] {
  if (node.kind === 'step') return [node.step.nodes]
  if (node.kind === 'each') return [node.body]
  if (node.kind === 'when') return [node.yes, node.no]
  return node.kind === 'lanes' ? node.lanes.map(({ nodes }) => nodes) : []
}

/** The scenario with one node in the place of another. */
function exchanged(scenario: AnyScenario, from: Node, to: Node): AnyScenario {
  const through = (nodes: readonly Node[]): Node[] =>
    nodes.map((node): Node => {
      if (node === from) return to
      if (node.kind === 'step') return { kind: 'step', step: stepWith(node.step, through(node.step.nodes)) }
      if (node.kind === 'each') return { ...node, body: through(node.body) }
      if (node.kind === 'when') return { ...node, yes: through(node.yes), no: through(node.no) }
      if (node.kind === 'lanes')
        return { ...node, lanes: node.lanes.map(lane => ({ ...lane, nodes: through(lane.nodes) })) }
      return node
    })
  return { ...scenario, nodes: through(scenario.nodes) }
}

function stepWith(step: AnyStep, nodes: readonly Node[]): AnyStep {
  return { ...step, nodes }
}

function withOneMore(run: (f: Facts) => Command): (f: Facts) => Command {
  return f => {
    const command = run(f)
    return { ...command, argv: [...command.argv, '--one-more'] as unknown as Command['argv'] }
  }
}

function wasRun({ events }: PastRun, say: string): boolean {
  return events.some(event => event.kind === 'started' && event.say.startsWith(say))
}

function told({ path, sentence, was, is }: Difference): string {
  return `${path}: ${sentence}${was ? `\n    was ${was}` : ''}${is ? `\n    is  ${is}` : ''}`
}
