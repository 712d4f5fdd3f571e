import type { Command, Output } from '../lib/command.ts'
import type { Store, Target } from '../lib/target.ts'
import type { Sign } from '../runbook/model.ts'

/** What every step of a run starts with. */
export interface Base {
  target: Target
  run: Run
}

/** One run: its id is the UTC stamp of its begin, its folder the incident's, relative to the target's root. */
export interface Run {
  id: string
  folder: string
  /** The set or the backup that live data is to be held against; absent: the newest. */
  against?: string
}

/** The sign of a wait for services: none of them is starting, ill or away any more. */
export function allUp({ target }: Base): Sign {
  return { lacks: target.runtime.notUp }
}

/** A step about one store. */
export interface StoreBase<S extends Store = Store> extends Base {
  store: S
}

/**
 * One thing that is wrong. `content` needs a restore; an `alias` or an `index` is repaired without one,
 * so that no write is lost for it. `suspect` is told and decided by a person.
 */
export interface Finding {
  kind: 'content' | 'alias' | 'index' | 'suspect'
  /** Collection, table, label or alias it is about. */
  name: string
  sentence: string
  /** Part of what the backup has is gone, and nothing else is wrong with it: somebody may have deleted it. */
  deleted?: true
}

/** What Assess learns of every store. */
export interface Found {
  /** Whether the store answers. */
  up: boolean
  findings: Finding[]
}

/** What is bound to the confirmation of a store's recovery, and what the operator sees of it. */
export interface StoreBinding<F> {
  /** Looks at the live store: names, never counts, because writers may still run. */
  looks: (f: F) => readonly Command[]
  derive: (outputs: readonly Output[], f: F) => Record<string, string>
  /** What is restored, lost and kept, one line each. */
  lines: (f: F) => readonly string[]
  /** Estimated seconds of the recovery, from figures that the backup measured. */
  seconds: (f: F) => number
  /** Estimated seconds to take it back. */
  undoSeconds: (f: F) => number
}

/** A file that a backup has made in the folder of its run. */
export interface BackedUpFile {
  /** Relative to the target's root. */
  file: string
  /** The ending of its object's key: snapshot, dump, globals.sql. */
  ending: string
}

/** Says what a run has set aside, and with which command it is let go. */
export function quarantineText(run: Run, named: string): string {
  const incident = run.folder.split('/').at(-1)
  return `In quarantine: ${named}. Release it with: npx tsx tools/release-quarantine.ts ${incident}`
}

/** Where downloaded backups and their parts lie during a run. */
export function staging(run: Run): string {
  return `${run.folder}/staging`
}

/** The one of these tables that a relation names, with or without its schema. */
export function tableOf(named: string, tables: readonly string[]): string | undefined {
  return tables.find(one => one === named || one.split('.').at(-1) === named)
}
