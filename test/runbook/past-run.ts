import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Command, command, type Output } from '../../lib/command.ts'
import { loadConfig } from '../../lib/config.ts'
import { Problem } from '../../lib/problem.ts'
import { type Target, targetOf } from '../../lib/target.ts'
import { type Door, direct, Failure, Pause, quietSurroundings } from '../../runbook/activity.ts'
import { agreementFor, CONFIRM, lookAgain } from '../../runbook/confirm.ts'
import { Execution } from '../../runbook/execute.ts'
import { type Incident, openIncident, resumeIncident } from '../../runbook/incident.ts'
import type { AnyScenario, Binding, Facts } from '../../runbook/model.ts'
import { commandsOf } from '../../runbook/plan.ts'
import { Recording } from '../../runbook/recording.ts'
import { pathOf, scenario, step } from '../../runbook/tree.ts'

/** The configuration of this repository, with another root. */
export function targetAt(root: string): Target {
  const env = {
    MINIO_ACCESS_KEY: 'key-of-minio',
    MINIO_SECRET_KEY: 'secret$of"minio',
    NEO4J_PASSWORD: 'pass-of-neo4j',
    POSTGRES_PASSWORD: 'pass-of-postgres',
  }
  mkdirSync(root, { recursive: true })
  const config = { ...loadConfig('runbook.config.yaml', env, { envFile: false }), root }
  return targetOf(config)
}

/** What a test may exchange in the scenario below. */
export interface Leaves {
  look: (f: Facts) => Command
  learn: (o: Output, f: Facts) => Facts
  work: (f: Facts) => Command
  wait: (o: Output) => boolean
  found: (o: Output) => string
  passes: (o: Output) => boolean
  /** Put before the check. */
  extra: boolean
}

const LEAVES: Leaves = {
  look: () => command(['cat', 'world']),
  learn: o => ({ items: o.stdout.trim().split(' '), seen: new Date().toISOString().slice(0, 10) }),
  work: f => command(['sh', '-c', `echo whole > made-${f.item}`]),
  wait: o => o.stdout.length >= 3,
  found: o => `${o.stdout.trim().length} letters`,
  passes: o => o.stdout.trim() === 'whole',
  extra: false,
}

const binding: Binding<Facts> = {
  say: 'Type it',
  words: () => ['small'],
  looks: () => [command(['cat', 'world']), command(['echo', 'daemon'])],
  derive: ([world, daemon]) => ({ world: world!.stdout.trim(), daemon: daemon!.stdout.trim() }),
  facts: () => [],
  estimate: () => 1,
}

/** A recovery in small: a look, a question, a confirmation, writes, a wait, lanes, a check. */
export function small(change: Partial<Leaves> = {}): AnyScenario {
  const leaves = { ...LEAVES, ...change }
  const look = step<Facts, Facts>({
    id: 'look',
    title: 'Look',
    why: 'so',
    body: s => s.read('look at the world', leaves.look, leaves.learn),
    summary: f => `${f.items.length} items`,
  })
  const choose = step<Facts, Facts>({
    id: 'choose',
    title: 'Choose',
    why: 'so',
    body: s =>
      s.ask({
        id: 'which',
        say: 'Which?',
        choices: f => f.items.map((value: string) => ({ value, label: value })),
      }),
  })
  const work = step<Facts, Facts>({
    id: 'work',
    title: 'Work',
    why: 'so',
    body: s =>
      s
        .each(
          'item',
          f => f.items,
          s =>
            s.write('make it', {
              run: leaves.work,
              probe: {
                look: f => command(['cat', `made-${f.item}`], { ok: [1] }),
                state: o => (o.exitCode === 0 ? 'done' : 'absent'),
              },
              undo: f => command(['rm', `made-${f.item}`]),
            }),
        )
        .until('it has settled', () => command(['sh', '-c', 'printf x >> polls; cat polls']), leaves.wait, {
          total: 30,
          every: 0.01,
        }),
  })
  const prove = step<Facts, Facts>({
    id: 'prove',
    title: 'Prove',
    why: 'so',
    body: s => {
      const before = leaves.extra ? s.read('look once more', () => command(['echo', 'more'])) : s
      return before
        .lanes({
          slow: l =>
            l.read(
              'count',
              () => command(['sh', '-c', 'cat made-* | wc -l']),
              o => ({ lines: o.stdout.trim() }),
            ),
          fast: l =>
            l.read(
              'say the day',
              f => command(['echo', f.seen]),
              o => ({ day: o.stdout.trim() }),
            ),
        })
        .check(
          'it is whole',
          f => command(['cat', `made-${f.which}`]),
          o => ({
            verdict: leaves.passes(o) ? 'proven' : 'failed',
            found: leaves.found(o),
          }),
        )
    },
  })
  return scenario<Facts>({
    id: 'small',
    title: 'Small',
    stores: [],
    symptoms: [],
    rtoMinutes: 1,
    abort: 'never',
    quarantine: f => [{ what: { day: f.day }, text: f.day }],
    body: s => s.step(look).step(choose).confirm(binding).step(work).step(prove),
  })
}

/** What a past run may have met. */
interface Course {
  /** The incident that it goes on with. */
  resume?: string
  /** A write is stopped from outside, as by a prediction that was wrong, and tried again. */
  talks?: true
}

/** Runs it as a recovery does, and keeps what it does; gives the folder. */
export async function pastRun(
  scenario: AnyScenario,
  target: Target,
  { resume, talks }: Course = {},
): Promise<string> {
  writeFileSync(join(target.root, 'world'), 'a b\n', { flag: 'a' })
  const incident = resume
    ? resumeIncident(target, scenario.id, resume)
    : openIncident(target, scenario.id, '0.0.0', 1)
  const folder = join(target.root, incident.folder)
  const recording = new Recording(folder, text => incident.journal.write({ kind: 'note', text }))
  recording.keepTarget({ ...target.written, attended: false })
  const door = recording.through(direct)
  const base: Facts = { target, run: { id: incident.id, folder: relative(target.root, folder) } }
  try {
    const facts = await walkThrough(scenario, base, incident, door, talks)
    for (const kept of scenario.quarantine(facts)) incident.journal.write({ kind: 'kept', ...kept })
    incident.journal.write({ kind: 'closed', outcome: 'recovered and proven', exitCode: 0 })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    incident.journal.write({ kind: 'closed', outcome: 'failed', exitCode: 1 })
  }
  return folder
}

async function walkThrough(
  { nodes }: AnyScenario,
  base: Facts,
  { journal, memory }: Incident,
  door: Door,
  talks?: true,
) {
  let talk = talks === true
  let agreed: { facts: Facts } | undefined
  const around = {
    ...quietSurroundings(base.target.root, memory),
    record: journal.write.bind(journal),
    exec: door,
    beforeWrite: async () => {
      if (talk) throw new Problem('the outcome is not as predicted')
      if (agreed) await lookAgain(binding, agreed.facts, door)
      agreed = undefined
    },
  }
  let execution = new Execution(around)
  let [from, facts] = [0, base]
  while (from < nodes.length) {
    try {
      const node = nodes[from]!
      facts = { ...facts, ...(await execution.node(node, facts, pathOf('', node, from))) }
      from++
    } catch (error) {
      if (talk && error instanceof Failure) {
        talk = false
        execution = new Execution(around)
        from = 0
        facts = base
        continue
      }
      if (!(error instanceof Pause)) throw error
      if ('question' in error.ask) {
        journal.write({
          kind: 'answered',
          path: error.path,
          question: error.ask.question.say,
          answer: 'a',
          ms: 1,
        })
        continue
      }
      const { plan, hash, state, phrase } = await agreementFor(binding, nodes.slice(from + 1), facts, door)
      const commands = [...commandsOf(plan)]
      const ahead = commands.map(({ path, say, effect }) => ({ path, say, effect }))
      const writes = commands.filter(({ effect }) => effect === 'write').length
      journal.write({ kind: 'planned', hash, commands: commands.length, writes, ahead })
      journal.write({ kind: 'answered', path: CONFIRM, question: 'confirmation', answer: phrase, ms: 1 })
      journal.write({ kind: 'confirmed', phrase, binding: state })
      agreed = { facts }
    }
  }
  return facts
}
