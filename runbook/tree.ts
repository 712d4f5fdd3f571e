import type { Command, Limits, Output } from '../lib/command.ts'
import type {
  AnyStep,
  Binding,
  Collect,
  Facts,
  Judge,
  Lane,
  Node,
  Question,
  Scenario,
  Sign,
  Step,
  StepText,
  Write,
} from './model.ts'

export { laneOf } from '../lib/path.ts'

// Learned facts are flattened, so that an error message shows one plain list of them.
type With<F, L> = { [K in keyof F | keyof L]: K extends keyof L ? L[K] : K extends keyof F ? F[K] : never }

/** What all lanes together learn. */
type All<G extends Record<string, { facts: unknown }>> = {
  [K in keyof G]: (facts: G[K]['facts']) => void
}[keyof G] extends (facts: infer L) => void
  ? L
  : never

/**
 * A sequence under construction; F is what a leaf may read at this point. Each call returns a longer
 * sequence. A fact that is not declared or learned yet does not type-check.
 */
export class Sequence<F> {
  readonly nodes: readonly Node[]
  /** Only for the types: facts can be read and must have been given. */
  declare readonly facts: F

  constructor(nodes: readonly Node[] = []) {
    this.nodes = nodes
  }

  /** Looks at the world. What is learned must be plain JSON: the journal keeps it for a resume. */
  read(say: string, run: (f: F) => Command): Sequence<F>
  read<L>(say: string, run: (f: F) => Command, learn: (o: Output, f: F) => L): Sequence<With<F, L>>
  read(say: string, run: (f: F) => Command, learn?: (o: Output, f: F) => unknown): unknown {
    return this.#with({ kind: 'read', say, run, ...(learn ? { learn } : {}) })
  }

  /** Puts something into the incident folder (a download, a log, a report); the target is not changed. */
  keep(say: string, run: (f: F) => Command, size?: (f: F) => number): Sequence<F> {
    return this.#with({ kind: 'keep', say, run, ...(size ? { size } : {}) })
  }

  /** Changes the world; see Write. */
  write(say: string, write: Write<F>): Sequence<F> {
    return this.#with({ kind: 'write', say, ...write })
  }

  /** Proves something; a failed check fails the run with exit code 2. */
  check(say: string, run: (f: F) => Command, holds: Judge<F>): Sequence<F> {
    return this.#with({ kind: 'check', say, run, parts: [{ say, holds }] })
  }

  /** Several checks by one look: each has a verdict of its own, and all of them are judged. */
  checks(say: string, run: (f: F) => Command, each: Record<string, Judge<F>>): Sequence<F> {
    const parts = Object.entries(each).map(([say, holds]) => ({ say, holds }))
    return this.#with({ kind: 'check', say, run, parts })
  }

  /** Polls a read every `limits.every` seconds until it holds, for `limits.total` seconds. */
  until(
    say: string,
    run: (f: F) => Command,
    holds: (o: Output, f: F) => boolean,
    limits: Limits & { every: number },
    sign?: (f: F) => Sign,
  ): Sequence<F> {
    return this.#with({ kind: 'until', say, run, holds, limits, ...(sign ? { sign } : {}) })
  }

  /**
   * Something only a person can do, and the look that tells that it was done: nobody has to say so. Nothing is
   * asked when it holds already. Without a person at the terminal it fails at once, with the sentence as HINT.
   */
  manual(
    say: string,
    by: {
      /** What to do, as one would say it to a person. */
      doing: string
      run: (f: F) => Command
      holds: (o: Output, f: F) => boolean
      limits: Limits & { every: number }
      sign?: (f: F) => Sign
    },
  ): Sequence<F> {
    const { doing: byHand, ...look } = by
    return this.#with({ kind: 'until', say, byHand, ...look })
  }

  /** A loop over a fact; one symbolic element on the page, under `heading`. */
  each<K extends string, T>(
    as: K,
    of: (f: F) => readonly T[],
    body: (s: Sequence<With<F, Record<K, T>>>) => Sequence<unknown>,
    heading = `For each ${as}`,
  ): Sequence<F> {
    return this.#with({ kind: 'each', as, heading, of, body: body(new Sequence()).nodes })
  }

  /**
   * A loop that gathers one value per element into a new fact. Over a list of one or none it is a branch
   * that learns something; `heading` then says so on the page.
   */
  gather<K extends string, T, A extends string, V, B>(
    as: K,
    of: (f: F) => readonly T[],
    body: (s: Sequence<With<F, Record<K, T>>>) => Sequence<B>,
    into: A,
    value: (f: B) => V,
    heading = `For each ${as}`,
  ): Sequence<With<F, Record<A, V[]>>> {
    const collect: Collect = { as: into, value: value as Collect['value'] }
    return this.#with({ kind: 'each', as, heading, of, body: body(new Sequence()).nodes, collect })
  }

  /** A branch; both sides stand on the page. Facts learned inside stay inside. */
  when(
    say: string,
    holds: (f: F) => boolean,
    yes: (s: Sequence<F>) => Sequence<unknown>,
    no?: (s: Sequence<F>) => Sequence<unknown>,
  ): Sequence<F> {
    return this.#with({
      kind: 'when',
      say,
      holds,
      yes: yes(new Sequence()).nodes,
      no: no ? no(new Sequence()).nodes : [],
    })
  }

  /**
   * Sequences that run side by side, such as the restores of three stores; what each learns is known
   * afterwards. A lane that fails does not stop the others. Nothing may be asked in a lane.
   */
  lanes<G extends Record<string, { facts: unknown }>>(
    lanes: {
      [K in keyof G]: (s: Sequence<F>) => G[K] & { nodes: readonly Node[] }
    },
  ): Sequence<With<F, All<G>>> {
    const each = Object.entries(lanes).map(
      ([name, lane]): Lane => ({ name, nodes: lane(new Sequence()).nodes }),
    )
    return this.#with({ kind: 'lanes', lanes: each })
  }

  /** A decision for a person; asked between two stretches of work, never inside one. */
  ask<K extends string>(question: Question<F, K>): Sequence<With<F, Record<K, string>>> {
    return this.#with({ kind: 'ask', question })
  }

  /** Shows the plan of all that follows and waits for a phrase bound to it and to the world. */
  confirm(binding: Binding<F>): Sequence<F> {
    return this.#with({ kind: 'confirm', binding })
  }

  /** Concludes something from facts, without looking at the world again; the journal keeps what `keeps` names of it. */
  let<L>(say: string, learn: (f: F) => L, keeps?: readonly (keyof L & string)[]): Sequence<With<F, L>> {
    return this.#with({ kind: 'let', say, learn, ...(keeps ? { keeps } : {}) })
  }

  /** Continues with another part that needs these facts. */
  use<G>(part: (s: Sequence<F>) => Sequence<G>): Sequence<With<F, G>> {
    return new Sequence([...this.nodes, ...part(new Sequence()).nodes])
  }

  /** Appends a step of the runbook; it must need no more than is known here. */
  step<G>(step: Step<F, G>): Sequence<With<F, G>> {
    return this.#with({ kind: 'step', step: step as AnyStep })
  }

  // biome-ignore lint/suspicious/noExplicitAny: the public signatures above say what comes out.
  #with(node: any): any {
    return new Sequence<Facts>([...this.nodes, node as Node])
  }
}

/** A section of the runbook. Promising a fact that the body never learns does not compile. */
export function step<Needs, Gives = unknown>(text: StepText<Needs, Gives>): Step<Needs, Gives> {
  const { body, ...rest } = text
  const { nodes } = body(new Sequence<Needs>())
  if (rest.survey && [...walk(nodes)].some(({ node }) => node.kind === 'write'))
    throw new TypeError(`the step ${rest.id} is a survey and changes something`)
  return { ...rest, nodes } as Step<Needs, Gives>
}

/** A recovery. Steps whose facts do not flow do not compile. */
export function scenario<Needs>(
  text: Omit<Scenario<Needs>, 'nodes' | 'flow'> & { body: (s: Sequence<Needs>) => Sequence<unknown> },
): Scenario<Needs> {
  const { body, ...rest } = text
  return { ...rest, nodes: body(new Sequence<Needs>()).nodes }
}

/** The steps of a scenario, in their order. */
export function stepsOf(nodes: readonly Node[]): AnyStep[] {
  return nodes.flatMap(node => (node.kind === 'step' ? [node.step] : []))
}

/** Every node of a tree from its root `from` on, with its path; loops and branches are entered once. */
export function* walk(nodes: readonly Node[], path = '', from = 0): Generator<{ node: Node; path: string }> {
  for (const [index, node] of nodes.entries()) {
    if (index < from) continue
    const here = pathOf(path, node, index)
    yield { node, path: here }
    for (const inner of childrenOf(node)) yield* walk(inner, here)
  }
}

function childrenOf(node: Node): (readonly Node[])[] {
  if (node.kind === 'each') return [node.body]
  if (node.kind === 'when') return [node.yes, node.no]
  if (node.kind === 'lanes') return node.lanes.map(lane => lane.nodes)
  if (node.kind === 'step') return [node.step.nodes]
  return []
}

/** The path of a lane names it in braces: restore-all/0{qdrant}/… */
export function lanePath(path: string, lane: string): string {
  return `${path}{${lane}}`
}

/** "neo4j: load the dump": with several lanes one wants to know which. */
export function inLane(lane: string, say: string): string {
  return lane === '' ? say : `${lane}: ${say}`
}

/** The name of a node in the journal: stable from run to run of the same tree. */
export function pathOf(parent: string, node: Node, index: number): string {
  const own = node.kind === 'step' ? node.step.id : node.kind === 'ask' ? node.question.id : `${index}`
  return parent === '' ? own : `${parent}/${own}`
}
