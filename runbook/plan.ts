import { createHash } from 'node:crypto'
import type { Command } from '../lib/command.ts'
import { Problem } from '../lib/problem.ts'
import { renderLine } from '../lib/render.ts'
import { mask } from '../lib/secret.ts'
import type { Memory } from './memory.ts'
import type { AnyStep, Binding, Facts, Node, Question, Sign } from './model.ts'
import { partial, placeholder, Unknown } from './placeholder.ts'
import { lanePath, pathOf } from './tree.ts'

/** One line of a resolved plan. */
export type Item =
  | { kind: 'step'; step: AnyStep; items: readonly Item[] }
  | {
      kind: 'command'
      /** Its name in the journal. */
      path: string
      effect: Effect
      say: string
      command: Command
      undo?: Undo
      critical?: true
      /** What a person does meanwhile. */
      byHand?: string
      /** Of a wait: seconds between two looks, and what tells that it is over. */
      wait?: { every: number; sign?: Sign }
      /** What it moves, where that is known. */
      bytes?: number
      /** A run has done it already. */
      done?: true
    }
  | { kind: 'loop'; heading: string; items: readonly Item[] }
  | { kind: 'lanes'; lanes: readonly { name: string; items: readonly Item[] }[] }
  | { kind: 'branch'; say: string; yes: readonly Item[]; no: readonly Item[] }
  | { kind: 'question'; question: Question<Facts>; answer: string | undefined }
  | { kind: 'confirm'; binding: Binding<Facts> }

export type Effect = 'read' | 'keep' | 'write' | 'check' | 'until'
export type Undo = Command | { none: string }

/** Where a part of the tree stands, and what a run has done of it. */
export interface Where {
  /** The element of the loop around it; empty outside of loops. */
  about: string
  path: string
  past?: Past
  /** Inside of a loop or a branch of which nobody knows yet whether it will be. */
  open?: true
}

/** What is known of the activity at a path; the memory of a run. */
export type Past = Pick<Memory, 'of'>

const TOP: Where = { about: '', path: '' }

/**
 * Tree and facts make a plan: known branches are taken, known loops unrolled; what is not known yet
 * stays as `<name>`, a loop with one symbolic element, a branch with both sides. With a past, what a run
 * has learned is known, and what it has done is marked. Runs nothing.
 */
export function resolve(nodes: readonly Node[], facts: Facts, where = TOP): Item[] {
  const known = { ...facts }
  return nodes.flatMap((node, index) => {
    const path = pathOf(where.path, node, index)
    const outcome = where.past?.of(path)
    if (outcome?.state === 'answered' && node.kind === 'ask') known[node.question.id] = outcome.answer
    const items = resolveNode(node, known, { ...where, path })
    if (outcome?.state === 'finished') Object.assign(known, outcome.learned)
    return items
  })
}

function resolveNode(node: Node, known: Facts, where: Where): Item[] {
  const f = partial(known)
  switch (node.kind) {
    case 'step':
      return [
        { kind: 'step', step: node.step, items: resolve(node.step.nodes, known, { ...where, about: '' }) },
      ]
    case 'write':
      return [{ ...writeItem(node, f, where), say: told(node.say, where.about) }]
    case 'read':
    case 'keep':
    case 'check':
      return [lookItem(node, f, where)]
    case 'until': {
      const byHand = node.byHand ? { byHand: node.byHand } : {}
      const wait = { every: node.limits.every, ...(node.sign ? { sign: node.sign(f) } : {}) }
      return [{ ...lookItem(node, f, where), ...byHand, wait }]
    }
    case 'each':
      return resolveLoop(node, known, where)
    case 'when':
      return resolveBranch(node, known, where)
    case 'lanes':
      return [
        {
          kind: 'lanes',
          lanes: node.lanes.map(({ name, nodes }) => ({
            name,
            items: resolve(nodes, known, { ...where, path: lanePath(where.path, name) }),
          })),
        },
      ]
    case 'ask':
      return [{ kind: 'question', question: node.question, answer: known[node.question.id] }]
    case 'confirm':
      return [{ kind: 'confirm', binding: node.binding }]
    case 'let':
      Object.assign(known, attempt(() => node.learn(partial(known, true))) ?? {})
      return []
  }
}

type Look = Node & { kind: 'read' | 'keep' | 'check' | 'until' }

function lookItem(node: Look, f: Facts, where: Where): Item & { kind: 'command' } {
  const { about, path } = where
  const say = node.kind === 'check' ? sentence(node) : node.say
  return {
    kind: 'command',
    path,
    effect: node.kind,
    say: told(say, about),
    command: commandOf(node, f, where),
    ...(node.kind === 'keep' ? bytesOf(node.size, f) : {}),
    ...doneAt(where),
  }
}

/** A look by which several things are judged names them all. */
function sentence({ say, parts }: Node & { kind: 'check' }): string {
  return parts.length === 1 ? say : `${say}: ${parts.map(part => part.say).join('; ')}`
}

/** A size that rests on a placeholder is none. */
function bytesOf(size: ((f: Facts) => number) | undefined, f: Facts): { bytes?: number } {
  const bytes = size && attempt(() => Number(size(f)))
  return bytes === undefined || Number.isNaN(bytes) ? {} : { bytes }
}

function doneAt({ path, past }: Where): { done?: true } {
  return past?.of(path)?.state === 'finished' ? { done: true } : {}
}

/** Of what may never be, a leaf can make nothing when it needs a name that is not known yet. */
function commandOf({ run }: { run: (f: Facts) => Command }, f: Facts, { open }: Where): Command {
  try {
    return plain(run(f))
  } catch (error) {
    if (!open || !(error instanceof Problem)) throw error
    return { argv: ['<not known yet>'] }
  }
}

function writeItem(node: Node & { kind: 'write' }, f: Facts, where: Where): Item & { kind: 'command' } {
  const { undo: back } = node
  const undo = typeof back === 'function' ? commandOf({ run: back }, f, where) : back
  const critical = node.critical ? { critical: true as const } : {}
  return {
    kind: 'command',
    path: where.path,
    effect: 'write',
    say: node.say,
    command: commandOf(node, f, where),
    undo,
    ...critical,
    ...bytesOf(node.size, f),
    ...doneAt(where),
  }
}

function resolveLoop(node: Node & { kind: 'each' }, known: Facts, where: Where): Item[] {
  const elements = attempt(() => node.of(partial(known, true)))
  if (!elements) {
    const inside = { ...known, [node.as]: placeholder(node.as) }
    const items = resolve(node.body, inside, { ...where, open: true })
    return [{ kind: 'loop', heading: node.heading, items }]
  }
  // Nothing to gather is an answer: what rests on it is known, such as which side of a branch will be taken.
  if (elements.length === 0 && node.collect) known[node.collect.as] = []
  return elements.flatMap((element, index) => {
    const name = nameOf(element) ?? `${index + 1}`
    const inside = { ...where, about: name, path: `${where.path}[${name}]` }
    return resolve(node.body, { ...known, [node.as]: element }, inside)
  })
}

function resolveBranch(node: Node & { kind: 'when' }, known: Facts, where: Where): Item[] {
  const holds = attempt(() => node.holds(partial(known, true)))
  const side = (name: 'yes' | 'no', open: object = {}) =>
    resolve(node[name], known, { ...where, path: `${where.path}/${name}`, ...open })
  if (holds !== undefined) return side(holds ? 'yes' : 'no')
  const open = { open: true }
  return [{ kind: 'branch', say: node.say, yes: side('yes', open), no: side('no', open) }]
}

/** What an element of a loop is called: itself, or its `name`. */
export function nameOf(element: unknown): string | undefined {
  if (typeof element === 'string') return element
  if (element !== null && typeof element === 'object' && 'name' in element) return String(element.name)
  return undefined
}

/** "recover the snapshot · documents_v1": in a loop one wants to know where it is. */
export function told(say: string, about: string): string {
  return about === '' ? say : `${say} · ${about}`
}

/** The value, or undefined when it depends on something not known yet. */
function attempt<T>(conclude: () => T): T | undefined {
  try {
    return conclude()
  } catch (error) {
    // A placeholder in the middle of a calculation shows as a TypeError; both mean "not known".
    if (error instanceof Unknown || error instanceof TypeError) return undefined
    throw error
  }
}

// Words made of placeholders become text here, so that everything after this sees plain strings.
function plain(command: Command): Command {
  const [program, ...args] = command.argv
  return { ...command, argv: [String(program), ...args.map(String)] }
}

/** All commands of a plan, in order, branches and loops included. */
export function* commandsOf(items: readonly Item[]): Generator<Item & { kind: 'command' }> {
  for (const item of items) {
    if (item.kind === 'command') yield item
    else if (item.kind === 'step' || item.kind === 'loop') yield* commandsOf(item.items)
    else if (item.kind === 'branch') {
      yield* commandsOf(item.yes)
      yield* commandsOf(item.no)
    } else if (item.kind === 'lanes') for (const lane of item.lanes) yield* commandsOf(lane.items)
  }
}

/** A fingerprint of what will be changed and how it is undone; the same for every run of the same plan. */
export function planHash(items: readonly Item[], run: string): string {
  const hash = createHash('sha256')
  for (const item of commandsOf(items)) {
    if (item.effect !== 'write') continue
    const undo = item.undo && 'argv' in item.undo ? renderLine(item.undo) : ''
    hash.update(`${renderLine(item.command)}\n${undo}\n`.replaceAll(run, '<run>'))
  }
  return hash.digest('hex')
}

/** The command for people: masked, on one line. */
export function shown(command: Command): string {
  return mask(renderLine(command))
}
