import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { RECORDINGS } from '../../lab/recordings.ts'
import type { Command } from '../../lib/command.ts'
import type { AnyScenario, Facts, Node, Verdict } from '../../runbook/model.ts'
import { OUTPUTS, type RecordedRun, readRecordedRun, TARGET } from '../../runbook/recording.ts'
import { replay } from '../../runbook/replay.ts'
import type { Difference } from '../../runbook/replay-differences.ts'
import { walk } from '../../runbook/tree.ts'
import { SCENARIOS } from '../../scenarios/index.ts'
import { assert, describe } from '../describe.ts'

const RECORD = 'changed on purpose? Record it again: npm run lab -- record'
const MOST_BYTES = 800 * 1024

const folderOf = ({ id }: AnyScenario) => join(RECORDINGS, id)

describe('a recorded run of each scenario', suite => {
  for (const scenario of SCENARIOS) {
    suite.test(`${scenario.id}: today's steps decide as they did in the run that worked`, async () => {
      const run = readRecordedRun(folderOf(scenario))
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

    suite.test(
      `${scenario.id}: an argument more is found in every command that changes something`,
      async () => {
        const run = readRecordedRun(folderOf(scenario))
        const longer = (node: Node): Node =>
          node.kind === 'write' ? { ...node, run: withOneMore(node.run) } : node
        const { differences } = await replay(changed(scenario, longer), run)
        const found = differences.filter(({ kind, is }) => kind === 'command' && is)
        for (const say of saysOf(scenario.nodes, 'write').filter(each => wasRun(run, each)))
          assert.ok(
            found.some(({ sentence }) => sentence.startsWith(say)),
            `${say}: ${differences.map(told).join('\n')}`,
          )
      },
    )
  }

  suite.test('there is none that no scenario has', () => {
    for (const scenario of SCENARIOS) assert.ok(existsSync(folderOf(scenario)), folderOf(scenario))
  })

  suite.test('a check that judges otherwise is found, and what is learned otherwise', async () => {
    const scenario = SCENARIOS[0]!
    const run = readRecordedRun(folderOf(scenario))
    const failing = (node: Node): Node =>
      node.kind === 'check' ? { ...node, parts: [{ ...node.parts[0], holds: nothingIsRight }] } : node
    const judged = (await replay(changed(scenario, failing), run)).differences
    assert.ok(judged.some(({ kind, is }) => kind === 'verdict' && is === 'failed: nothing is right'))
    assert.is(judged.at(-1)?.kind, 'outcome')

    const curious = (node: Node): Node =>
      node.kind === 'read' && node.learn
        ? { ...node, learn: (o, f) => ({ ...node.learn?.(o, f), more: 'than before' }) }
        : node
    const learned = (await replay(changed(scenario, curious), run)).differences
    assert.ok(learned.some(({ kind, sentence }) => kind === 'fact' && sentence.includes('"more"')))
  })

  suite.test('an output that is missing is told', async () => {
    const scenario = SCENARIOS[0]!
    const run = readRecordedRun(folderOf(scenario))
    for (const at of [0, run.outputs.length >> 1, run.outputs.length - 1]) {
      const outputs = run.outputs.filter((_, index) => index !== at)
      const { differences } = await replay(scenario, { ...run, outputs })
      assert.ok(differences.length > 0, `without ${run.outputs[at]!.command}`)
    }
  })
})

/** What the nodes of a kind are called. */
function saysOf(nodes: readonly Node[], kind: Node['kind']): string[] {
  const found = [...walk(nodes)].flatMap(({ node }) =>
    node.kind === kind && 'say' in node ? [node.say] : [],
  )
  return [...new Set(found)]
}

/** The scenario with its nodes changed one by one. */
function changed(scenario: AnyScenario, change: (node: Node) => Node): AnyScenario {
  const through = (nodes: readonly Node[]): Node[] =>
    nodes.map((node): Node => {
      if (node.kind === 'step')
        return { kind: 'step', step: { ...node.step, nodes: through(node.step.nodes) } }
      if (node.kind === 'each') return { ...node, body: through(node.body) }
      if (node.kind === 'when') return { ...node, yes: through(node.yes), no: through(node.no) }
      if (node.kind === 'lanes')
        return { ...node, lanes: node.lanes.map(lane => ({ ...lane, nodes: through(lane.nodes) })) }
      return change(node)
    })
  return { ...scenario, nodes: through(scenario.nodes) }
}

function nothingIsRight(): Verdict {
  return { verdict: 'failed', found: 'nothing is right' }
}

function withOneMore(run: (f: Facts) => Command): (f: Facts) => Command {
  return f => {
    const command = run(f)
    return { ...command, argv: [...command.argv, '--one-more'] as unknown as Command['argv'] }
  }
}

/** In a loop the name of the element is told as well. */
function wasRun({ events }: RecordedRun, say: string): boolean {
  return events.some(
    event => event.kind === 'started' && (event.say === say || event.say.startsWith(`${say} · `)),
  )
}

function told({ path, sentence, was, is }: Difference): string {
  return `${path}: ${sentence}${was ? `\n    was ${was}` : ''}${is ? `\n    is  ${is}` : ''}`
}
