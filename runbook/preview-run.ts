import { exec } from '../lib/exec.ts'
import { duration, stamp } from '../lib/format.ts'
import type { Target } from '../lib/target.ts'
import { Pause, quietSurroundings } from './activity.ts'
import { otherPaths } from './clock.ts'
import { agreementFor, planSummary } from './confirm.ts'
import { Execution } from './execute.ts'
import { aheadOf, pastRuns, predict } from './history.ts'
import { Memory } from './memory.ts'
import type { AnyScenario, Binding, Facts } from './model.ts'
import type { Options } from './options.ts'
import { previewText } from './preview.ts'
import { shellText } from './shell.ts'
import { storeOf } from './store-of.ts'
import { unattended } from './unattended.ts'

/**
 * The text of --plan: runs what learns and nothing else, answers questions with what was given or
 * suggested, and resolves the tree with what is known then. Nothing is changed, no file is written.
 */
export async function preview(scenario: AnyScenario, target: Target, options: Options): Promise<string> {
  const store = storeOf(scenario, target, options.set)
  await exec(target.runtime.version(), { cwd: target.root })
  const id = stamp(new Date())
  const folder = `incidents/${id}-${scenario.id}`
  const memory = new Memory()
  const execution = new Execution({ ...quietSurroundings(target.root, memory), preview: true })
  const asker = unattended(options.set, undefined)
  let facts: Facts = { target, ...(store ? { store } : {}), run: { id, folder } }
  for (;;) {
    try {
      facts = await execution.sequence(scenario.nodes, facts, '')
      return previewText(scenario.nodes, facts)
    } catch (error) {
      if (!(error instanceof Pause)) throw unwrapped(error)
      facts = { ...facts, ...error.facts }
      if ('binding' in error.ask && options.shell) return shellText(scenario.nodes, facts)
      if ('binding' in error.ask) return await withPhrase(scenario, error.ask.binding, facts)
      const { question } = error.ask
      // In a preview nothing happens, so every suggestion may be taken.
      const answer = await asker.answer(
        { assume: { because: 'a preview changes nothing' }, ...question },
        error.facts,
      )
      memory.remember({
        kind: 'answered',
        path: error.path,
        question: question.say,
        answer,
        ms: 0,
      })
    }
  }
}

async function withPhrase(scenario: AnyScenario, binding: Binding<Facts>, facts: Facts): Promise<string> {
  const at = scenario.nodes.findIndex(node => node.kind === 'confirm')
  const agreement = await agreementFor(binding, scenario.nodes.slice(at + 1), facts)
  const prediction = predict(pastRuns(facts.target, scenario.id), aheadOf(agreement.plan))
  const others = otherPaths(facts.target, scenario)
  const summary = planSummary(binding, agreement, facts, {
    elapsedMs: 0,
    now: Date.now(),
    prediction,
    others,
  })
  const text = previewText(scenario.nodes, facts)
  const estimate = duration((prediction?.seconds ?? binding.estimate(facts)) * 1000)
  return `${scenario.title}: plan, nothing was changed (about ${estimate})\n\n${text}\n${summary}\n\n--confirm '${agreement.phrase}'\n`
}

function unwrapped(error: unknown): unknown {
  return error instanceof Error && error.cause ? error.cause : error
}
