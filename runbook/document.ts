import { exportsOf, render } from '../lib/render.ts'
import { mask } from '../lib/secret.ts'
import type { AnyScenario, AnyStep, Facts } from './model.ts'
import { commandsOf, type Item, resolve } from './plan.ts'

/** A step as a chapter: why, commands, checks, undo, what to do when it goes wrong. */
export function stepChapter(step: AnyStep, facts: Facts, number: number): string {
  const items = resolve(step.nodes, facts)
  const lines = [
    `### ${number}. ${step.title}`,
    '',
    paragraph(step.why),
    '',
    ...(step.survey ? [SURVEY, ''] : []),
    ...items.flatMap(item => itemLines(item, 0)),
  ]
  if (step.trouble) lines.push('', `**If it goes wrong.** ${paragraph(step.trouble)}`)
  return mask(lines.join('\n'))
}

/** A scenario as a chapter: symptoms, time, steps by their numbers. */
export function scenarioChapter(scenario: AnyScenario, steps: ReadonlyMap<string, number>): string {
  const links = scenario.nodes.map(node => {
    if (node.kind === 'step') return `1. [${node.step.title}](#${anchor(node.step, steps)})`
    return '1. **Confirm** by typing the phrase under the plan. It is bound to the daemon, the project, its volumes, the bytes of the backup, the live names and the plan; when one of them changes before the first command, nothing happens.'
  })
  return [
    `### ${scenario.title}`,
    '',
    '**Symptoms**',
    '',
    ...scenario.symptoms.map(symptom => `- ${symptom}`),
    '',
    `**Recovery time objective**: ${scenario.rtoMinutes} minutes. **Stop and call the next level** when: ${scenario.abort}.`,
    '',
    ...(scenario.others ?? []).flatMap(({ run, when }) => [
      `**When this path can no longer hold it**: \`${run}\`, when ${when}.`,
      '',
    ]),
    '```sh',
    `npx tsx scenarios/${scenario.id}.ts --plan`,
    `npx tsx scenarios/${scenario.id}.ts`,
    `npx tsx scenarios/${scenario.id}.ts --resume`,
    '```',
    '',
    'The first shows every command and changes nothing, the second recovers, the third goes on after an interruption.',
    '',
    ...links,
  ].join('\n')
}

/** What has to be exported once so that the commands of the page can be typed. */
export function exportBlock(steps: readonly AnyStep[], factsOf: (step: AnyStep) => Facts): string {
  const commands = steps.flatMap(step =>
    [...commandsOf(resolve(step.nodes, factsOf(step)))].map(item => item.command),
  )
  return fenced(exportsOf(commands), 0).join('\n')
}

const SURVEY =
  'Every check is made, also behind one that fails or cannot be made; go on only when all of them are right.'

function anchor(step: AnyStep, steps: ReadonlyMap<string, number>): string {
  const title = step.title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
  return `${steps.get(step.id)}-${title}`
}

const MARK = { read: 'Look', keep: 'Keep', check: 'Check', until: 'Wait', write: '**Change**' } as const

function itemLines(item: Item, depth: number): string[] {
  const pad = '  '.repeat(depth)
  switch (item.kind) {
    case 'command':
      return commandLines(item, depth)
    case 'step':
      return [`${pad}- ${item.step.title}, as in its own chapter.`, '']
    case 'loop':
      return [`${pad}- ${item.heading}:`, '', ...item.items.flatMap(inner => itemLines(inner, depth + 1))]
    case 'branch':
      return branchLines(item, depth)
    case 'lanes':
      return [`${pad}- Side by side:`, '', ...item.lanes.flatMap(lane => laneLines(lane.items, depth + 1))]
    case 'question':
      return [`${pad}- Decide: ${item.question.say} (\`--set ${item.question.id}=…\`)`, '']
    case 'confirm':
      return [`${pad}- ${item.binding.say}.`, '']
  }
}

function commandLines(item: Item & { kind: 'command' }, depth: number): string[] {
  const pad = '  '.repeat(depth)
  const title = item.byHand
    ? `**By hand** until ${item.say}: ${item.byHand}`
    : `${MARK[item.effect]}: ${item.say}.`
  const lines = [`${pad}- ${title}`, '', ...fenced(render(item.command).split('\n'), depth + 1), '']
  const { undo } = item
  if (!undo) return lines
  if ('none' in undo) return [...lines, `${pad}  No undo: ${undo.none}.`, '']
  return [...lines, `${pad}  Undo:`, '', ...fenced(render(undo).split('\n'), depth + 1), '']
}

function branchLines(item: Item & { kind: 'branch' }, depth: number): string[] {
  const pad = '  '.repeat(depth)
  const yes = [`${pad}- If ${item.say}:`, '', ...item.yes.flatMap(inner => itemLines(inner, depth + 1))]
  if (item.no.length === 0) return yes
  return [...yes, `${pad}- Otherwise:`, '', ...item.no.flatMap(inner => itemLines(inner, depth + 1))]
}

function laneLines(items: readonly Item[], depth: number): string[] {
  return items.flatMap(item => itemLines(item, depth))
}

function fenced(lines: readonly string[], depth: number): string[] {
  const pad = '  '.repeat(depth)
  return ['```sh', ...lines, '```'].map(line => `${pad}${line}`)
}

function paragraph(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}
