import { exportsOf, render } from '../lib/render.ts'
import { mask } from '../lib/secret.ts'
import type { Facts, Node } from './model.ts'
import { commandsOf, type Item, resolve } from './plan.ts'

/** The whole recovery as text, with what is known filled in and `<name>` for the rest. */
export function previewText(nodes: readonly Node[], facts: Facts): string {
  const items = resolve(nodes, facts)
  const variables = exportsOf([...commandsOf(items)].map(item => item.command))
  return mask(
    ['# once, in every terminal', ...variables, '', ...items.flatMap(item => lines(item, 0))].join('\n'),
  )
}

function lines(item: Item, depth: number): string[] {
  const pad = '  '.repeat(depth)
  switch (item.kind) {
    case 'step':
      return [
        `== ${item.step.title}${item.step.survey ? ' (every check, also behind one that fails)' : ''}`,
        ...item.items.flatMap(inner => lines(inner, depth + 1)),
        '',
      ]
    case 'command':
      return commandLines(item, pad)
    case 'loop':
      return [`${pad}${item.heading}:`, ...item.items.flatMap(inner => lines(inner, depth + 1))]
    case 'branch':
      return branchLines(item, depth)
    case 'lanes':
      return [
        `${pad}side by side:`,
        ...item.lanes.flatMap(({ name, items }) => [
          `${pad}| ${name}`,
          ...items.flatMap(inner => lines(inner, depth + 1)),
        ]),
      ]
    case 'question':
      return [`${pad}? ${item.question.say}  ${item.answer ?? `(--set ${item.question.id}=…)`}`]
    case 'confirm':
      return [`${pad}? ${item.binding.say}`, '']
  }
}

const MARK = { read: '$', keep: '$', check: '=', until: '…', write: '!' } as const

function commandLines(item: Item & { kind: 'command' }, pad: string): string[] {
  const indent = (text: string) => text.split('\n').map(line => `${pad}    ${line}`)
  const undo = item.undo
  return [
    `${pad}${MARK[item.effect]} ${item.byHand ? `by hand until ${item.say}: ${item.byHand}` : item.say}`,
    ...indent(render(item.command)),
    ...(undo && 'argv' in undo
      ? [`${pad}    # undo:`, ...indent(render(undo)).map(line => line.replace(/^(\s*)/, '$1# '))]
      : []),
    ...(undo && 'none' in undo ? [`${pad}    # no undo: ${undo.none}`] : []),
  ]
}

function branchLines(item: Item & { kind: 'branch' }, depth: number): string[] {
  const pad = '  '.repeat(depth)
  const no =
    item.no.length > 0 ? [`${pad}otherwise:`, ...item.no.flatMap(inner => lines(inner, depth + 1))] : []
  return [`${pad}if ${item.say}:`, ...item.yes.flatMap(inner => lines(inner, depth + 1)), ...no]
}
