import { type Command, command, type Output } from '../lib/command.ts'
import { count, duration } from '../lib/format.ts'
import { itemsOf, type MemberOf, schemaDigest } from './kinds.ts'

/** The file of the evidence, beside the configuration: a line for every test of a restore. */
export const EVIDENCE_FILE = 'dr_test_log.jsonl'

/** One test of a restore: what was tested, what it took, and whether it may be believed. */
export interface Evidence {
  /** ISO 8601. */
  at: string
  /** `quick` reads a set back and looks at the live data; `full` restores the set. */
  kind: 'full' | 'quick'
  set: string
  host: string
  tool_version: string
  stores: Record<string, TestedStore>
  /** What the recovery took, in all and per store. */
  seconds?: { total: number; stores: Record<string, number> }
  /** The sabotaged twin: a test that cannot fail proves nothing. */
  twin?: { set: string; store: string; rejected: boolean }
  verdict: 'passed' | 'failed'
  /** Why it failed; empty when it passed. */
  failures: string[]
}

/** What was restored of a store. */
export interface TestedStore {
  /** Version of the engine that made the backup, and the id of its image. */
  engine: string
  image: string
  /** What was in it, by what it counts. */
  items: Record<string, number>
  /** A digest of its definitions; see stores/kinds.ts. */
  schema: string
}

/** The last test that restored a store and passed. */
export interface Tested extends TestedStore {
  store: string
  at: string
}

/** More than this was never restored, as far as is known. */
const BEYOND = 1.5

/** The newest lines are enough; no file is an answer too: nothing was ever tested. */
export function lastTests(): Command {
  return command(['tail', '-n', '100', EVIDENCE_FILE], { ok: [1] })
}

/** Lines that cannot be read prove nothing and are passed over. */
export function readTests(o: Output): Tested[] {
  const newest = new Map<string, Tested>()
  for (const evidence of evidenceIn(o.stdout)) {
    if (evidence.kind !== 'full' || evidence.failures.length > 0) continue
    for (const [store, what] of Object.entries(evidence.stores)) {
      newest.set(store, { store, at: evidence.at, ...what })
    }
  }
  return [...newest.values()]
}

/** The tests of a restore that a text of lines tells of. */
export function evidenceIn(text: string): Evidence[] {
  return text.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as Evidence]
    } catch {
      return []
    }
  })
}

/** When a restore of this store was last proven, and what is different now; a line of the plan. */
export function testedText(
  tested: readonly Tested[],
  store: string,
  member: MemberOf[keyof MemberOf],
  now: number,
): string {
  const last = tested.find(one => one.store === store)
  if (!last) return 'tested    never: no restore of it was tested here (npx tsx tools/test-recovery.ts)'
  const changed = [
    ...(last.engine === member.engine_version
      ? []
      : [`the engine is ${member.engine_version}, not ${last.engine}`]),
    ...(last.image === member.image || last.engine !== member.engine_version ? [] : ['its image is another']),
    ...(last.schema === schemaDigest(member) ? [] : ['its schema is another']),
    ...Object.entries(itemsOf(member)).flatMap(([of, items]) =>
      items > BEYOND * (last.items[of] ?? 0)
        ? [`${count(items)} ${of}, only ${count(last.items[of] ?? 0)} were tested`]
        : [],
    ),
  ]
  const age = `tested    ${duration(now - Date.parse(last.at))} ago`
  return changed.length === 0 ? age : `${age}; since then: ${changed.join('; ')}`
}
