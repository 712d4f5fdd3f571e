import type { Command, Limits, Output } from '../lib/command.ts'
import type { Missed } from './survey.ts'
import type { Sequence } from './tree.ts'

/** What an activity finds out: `expected loss` is younger than the backup; `unchecked` is never a pass. */
export type VerdictKind = 'proven' | 'expected loss' | 'failed' | 'unchecked'

export interface Verdict {
  verdict: VerdictKind
  /** What had to be found, and who says so: "18,204 points or more, as in the backup". */
  expected?: string
  /** What was found, with figures: "18,204 points". */
  found: string
}

/** A check that does not apply: nothing says what would be right. Neither a pass nor a failure. */
export interface Skip {
  skip: string
}

/** Judges what a look has shown. */
export type Judge<F> = (o: Output, f: F) => Verdict | Skip

/** One sentence of a check, and how it is judged. */
export interface Part {
  say: string
  holds: Judge<Facts>
}

/** What the world looks like if a write ran or not. */
export type WorldState = 'absent' | 'partial' | 'done'

/** How to see whether a write has happened; asked after it ran, and on resume. Exit code 0 is not proof. */
export interface Probe<F> {
  look: (f: F) => Command
  state: (o: Output, f: F) => WorldState
}

/** A change of the world. Without a probe and an undo it does not compile. */
export interface Write<F> {
  run: (f: F) => Command
  probe: Probe<F>
  /** Brings back what was, or the sentence why nothing has to. */
  undo: ((f: F) => Command) | { none: string }
  /** A later write of the run that ends the time of what this one made; on resume it is not missed then. */
  spent?: (f: F) => Command
  /** Never killed half-way; seconds at most. */
  critical?: true
  /** Doing it again does no harm: stopping what somebody has started in part since. */
  repeatable?: true
  /** Bytes it moves, for progress and the estimate. */
  size?: (f: F) => number
}

/** One possible answer. */
export interface Choice {
  value: string
  label: string
  hint?: string
}

/** A decision for a person. */
export interface Question<F, K extends string = string> {
  /** Name for `--set <id>=<value>`. */
  id: K
  say: string
  /** Empty or absent: free text. */
  choices?: (f: F) => readonly Choice[]
  /** Offered first. Without a terminal it is the answer only where `assume` allows it. */
  suggest?: (f: F) => string | undefined
  /** The answer has to be typed: a key pressed in passing does not accept a risk. */
  typed?: true
  /** What a run without a terminal takes when nothing was given, and why it may. */
  assume?: { answer?: string; because: string }
  /** The reason why an answer cannot be used. */
  refuse?: (answer: string, f: F) => string | undefined
}

/** What is bound to the confirmation: derived again right before the first change. */
export interface Binding<F> {
  say: string
  /** Words the operator types before the hash. */
  words: (f: F) => readonly string[]
  looks: (f: F) => readonly Command[]
  derive: (outputs: readonly Output[], f: F) => Record<string, string>
  /** Lines shown with the plan: what is lost, how long, what undo costs. */
  facts: (f: F) => readonly string[]
  /** Estimated seconds of what follows. */
  estimate: (f: F) => number
}

/** Facts with their types forgotten: what the readings walk with. */
// biome-ignore lint/suspicious/noExplicitAny: the types live in Sequence; a reading handles every tree.
export type Facts = Record<string, any>

export type Node =
  | {
      kind: 'read'
      say: string
      run: (f: Facts) => Command
      learn?: (o: Output, f: Facts) => Facts | undefined
    }
  | { kind: 'keep'; say: string; run: (f: Facts) => Command; size?: (f: Facts) => number }
  | ({ kind: 'write'; say: string } & Write<Facts>)
  /** One look, and all that is judged by it. */
  | { kind: 'check'; say: string; run: (f: Facts) => Command; parts: readonly [Part, ...Part[]] }
  | {
      kind: 'until'
      say: string
      run: (f: Facts) => Command
      holds: (o: Output, f: Facts) => boolean
      limits: Limits & { every: number }
      /** What a person does so that it holds; absent when it comes by itself. */
      byHand?: string
      sign?: (f: Facts) => Sign
    }
  | {
      kind: 'each'
      as: string
      heading: string
      of: (f: Facts) => readonly unknown[]
      body: readonly Node[]
      collect?: Collect
    }
  | { kind: 'when'; say: string; holds: (f: Facts) => boolean; yes: readonly Node[]; no: readonly Node[] }
  | { kind: 'lanes'; lanes: readonly Lane[] }
  | { kind: 'ask'; question: Question<Facts> }
  | { kind: 'confirm'; binding: Binding<Facts> }
  | { kind: 'let'; say: string; learn: (f: Facts) => Facts; keeps?: readonly string[] }
  | { kind: 'step'; step: AnyStep }

/** One of several sequences that run side by side. */
export interface Lane {
  name: string
  nodes: readonly Node[]
}

/**
 * How a person, or the script of `--plan --shell`, sees in an answer that a wait is over: an extended regular
 * expression that it shows, or no longer shows. Without one, exit code 0 tells.
 */
export type Sign = { shows: string } | { lacks: string }

export interface Collect {
  as: string
  value: (f: Facts) => unknown
}

/** One section of the runbook: needs facts, gives facts, reads like a page. */
export interface Step<Needs, Gives> {
  id: string
  title: string
  /** The kind of store it is about; absent when it is about the platform. */
  about?: StoreKind
  /** The paragraph a good runbook has: why this is done, and why in this way. */
  why: string
  /** What to do when it goes wrong: shown on the page and when the run holds. */
  trouble?: string
  /**
   * All its checks are made, also behind one that fails or cannot be made; at its end it fails with what did not
   * pass. Only for steps that just look: behind a change that failed nothing may go on.
   */
  survey?: true
  /** What a survey says first when something did not pass. */
  missed?: (missed: readonly Missed[], f: Facts) => string
  nodes: readonly Node[]
  /** The line shown when the step is done. */
  summary?: (f: Facts) => string
  /** Lines below it that a person should read. */
  details?: (f: Facts) => readonly string[]
  /** Only for the types: a step needs what it is given, and gives what it promised. */
  readonly flow?: (needs: Needs) => Gives
}

// biome-ignore lint/suspicious/noExplicitAny: see Facts.
export type AnyStep = Step<any, any>

export interface StepText<Needs, Gives> {
  id: string
  title: string
  about?: StoreKind
  why: string
  trouble?: string
  survey?: true
  missed?: (missed: readonly Missed[], f: Needs) => string
  summary?: (f: Needs & Gives) => string
  details?: (f: Needs & Gives) => readonly string[]
  body: (s: Sequence<Needs>) => Sequence<Needs & Gives>
}

/** A recovery: symptoms, targets and the steps in their order. */
export interface Scenario<Needs> {
  id: string
  title: string
  /** Kinds of the stores it recovers. */
  stores: readonly StoreKind[]
  symptoms: readonly string[]
  /** The paper's estimate and target in minutes. */
  rtoMinutes: number
  /** When to stop and call the next level instead. */
  abort: string
  /** What may still hold the RTO when this path no longer can. */
  others?: readonly OtherPath[]
  /** It can begin where no container exists. */
  emptyHost?: true
  /** It wants backups to run: the bucket is not told that an incident is open. */
  letsBackupsRun?: true
  /** Keys of the objects that it restores from: nobody may remove them meanwhile. */
  uses?: (f: Facts) => readonly string[]
  /** What stays in quarantine after a success, one entry per store. */
  quarantine: (f: Facts) => readonly Kept[]
  nodes: readonly Node[]
  readonly flow?: (needs: Needs) => void
}

/** Another way to the same end, and what has to be true for it. */
export interface OtherPath {
  /** As one would type it. */
  run: string
  when: string
  /** The scenario behind it, whose earlier runs tell how long it takes; absent for a tool. */
  scenario?: string
}

/** What is in quarantine, for the command that releases it, and the sentence that names that command. */
export interface Kept {
  what: Record<string, unknown>
  text: string
}

// biome-ignore lint/suspicious/noExplicitAny: see Facts.
export type AnyScenario = Scenario<any>

export type StoreKind = 'qdrant' | 'neo4j' | 'postgres'
