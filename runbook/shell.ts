import { exportsOf, quote, render } from '../lib/render.ts'
import { mask } from '../lib/secret.ts'
import type { Facts, Node, Sign } from './model.ts'
import { commandsOf, type Item, type Past, resolve } from './plan.ts'
import { walk } from './tree.ts'

/**
 * The plan as a commented POSIX script, for a person who recovers by hand: everything after the last
 * question before the confirmation, with what is known filled in; a later question is a comment, and so is what a
 * run has done already. It stops at the first command that fails. What the tool checks in an answer stands there
 * as a comment: the person reads the answer.
 */
export function shellText(nodes: readonly Node[], facts: Facts, past?: Past): string {
  const items = resolve(afterQuestions(nodes), facts, { about: '', path: '', ...(past ? { past } : {}) })
  const variables = exportsOf([...commandsOf(items)].map(item => item.command))
  const head = [
    '#!/bin/sh',
    '# Read every line before you run it. It stops at the first command that fails; the undo of each',
    '# change stands below it, newest first is the order to take them back.',
    'set -e',
    '',
    ...variables,
    '',
    `mkdir -p ${quote(facts.run.folder)}`,
  ]
  return mask([...head, '', ...items.flatMap(item => lines(item)), ''].join('\n'))
}

function afterQuestions(nodes: readonly Node[]): Node[] {
  const asks = (node: Node) => [...walk([node])].some(({ node: inner }) => inner.kind === 'ask')
  const confirm = nodes.findIndex(node => node.kind === 'confirm')
  const last = nodes.findLastIndex((node, index) => (confirm === -1 || index < confirm) && asks(node))
  return nodes.slice(last + 1).filter(node => node.kind !== 'confirm' && !isReport(node))
}

/** The report is made of the journal, and a recovery by hand has none. */
function isReport(node: Node): boolean {
  return node.kind === 'step' && node.step.id === 'document'
}

/** In a survey the script goes on behind a command that fails, and ends behind the last one. */
function lines(item: Item, survey = false): string[] {
  const inside = (items: readonly Item[]) => items.flatMap(inner => lines(inner, survey))
  switch (item.kind) {
    case 'step':
      return [`# ${'='.repeat(10)} ${item.step.title}`, '', ...stepLines(item)]
    case 'command':
      return commandLines(item, survey)
    case 'lanes':
      return item.lanes.flatMap(({ name, items }) => [`# ---------- ${name}`, '', ...inside(items)])
    case 'loop':
      return comment([`${item.heading}, as the answer above has them:`, ...inside(item.items)])
    case 'branch':
      return comment([
        `If ${item.say}:`,
        ...inside(item.yes),
        ...(item.no.length > 0 ? ['Otherwise:', ...inside(item.no)] : []),
      ])
    case 'question':
      return comment([`DECIDE: ${item.question.say}`, ''])
    default:
      return []
  }
}

function stepLines({ step, items }: Item & { kind: 'step' }): string[] {
  if (!step.survey) return items.flatMap(item => lines(item))
  return [
    "failed=''",
    '',
    ...items.flatMap(item => lines(item, true)),
    '[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 2; }',
    '',
  ]
}

function commandLines(item: Item & { kind: 'command' }, survey: boolean): string[] {
  const { effect, say, command, undo, byHand, wait } = item
  if (item.done) return [`# done already: ${say}`, ...undoLines(undo), '']
  const text = render(command)
  const run = wait ? `until ${whether(text, wait.sign)}; do sleep ${wait.every}; done` : text
  const title = byHand ? `BY HAND, until ${say}: ${byHand}` : `${TITLE[effect]}: ${say}`
  const lines = survey ? ['{', run, `} || failed="$failed "${quote(`${say};`)}`] : [run]
  return [`# ${title}`, ...lines.flatMap(line => line.split('\n')), ...undoLines(undo), '']
}

/** The answer is kept first: a command that fails must not count as an answer that lacks something. */
function whether(look: string, sign: Sign | undefined): string {
  if (!sign) return look
  const [not, pattern] = 'shows' in sign ? ['', sign.shows] : ['! ', sign.lacks]
  return `seen=$(${look}) && ${not}printf '%s' "$seen" | grep -qE ${quote(pattern)}`
}

const TITLE = {
  read: 'look',
  keep: 'keep',
  check: 'CHECK, read the answer',
  until: 'wait',
  write: 'CHANGE',
} as const

function undoLines(undo: (Item & { kind: 'command' })['undo']): string[] {
  if (!undo) return []
  return 'none' in undo ? comment([`no undo: ${undo.none}`]) : comment(['undo:', ...render(undo).split('\n')])
}

/** What cannot be decided beforehand is for the person to decide. */
function comment(text: readonly string[]): string[] {
  return text.map(line => (line.startsWith('#') || line === '' ? line : `# ${line}`))
}
