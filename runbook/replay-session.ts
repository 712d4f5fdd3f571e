import type { Event, Recorded } from '../lib/journal.ts'
import type { RecordedOutput } from './recording.ts'

/** A recorded run up to its end, its death or the next `--resume`; what has been replayed of it is taken out. */
export class Session {
  readonly events: Recorded[]
  readonly outputs: readonly RecordedOutput[]

  constructor(events: readonly Recorded[], outputs: readonly RecordedOutput[]) {
    this.events = [...events]
    this.outputs = outputs
  }

  /** The next event of a kind that fits, which is then taken. */
  take<K extends Event['kind']>(
    kind: K,
    fits: (event: Extract<Recorded, { kind: K }>) => boolean = () => true,
  ): Extract<Recorded, { kind: K }> | undefined {
    const found = this.of(kind).find(fits)
    if (found) this.events.splice(this.events.indexOf(found), 1)
    return found
  }

  /** Those of a kind that are left. */
  of<K extends Event['kind']>(kind: K): Extract<Recorded, { kind: K }>[] {
    return this.events.filter((event): event is Extract<Recorded, { kind: K }> => event.kind === kind)
  }

  /** How many outputs were kept once and are not there any more. */
  get lost(): number {
    return this.outputs.reduce((most, { n }) => Math.max(most, n), 0) - this.outputs.length
  }

  /** A recovery that was handed over goes on with the journal of the other machine, but not with its outputs. */
  get isElsewhere(): boolean {
    return this.outputs.length === 0 && this.of('finished').some(({ exitCode }) => exitCode !== undefined)
  }

  /** The exit code it was closed with; undefined when it died. */
  get exitCode(): number | undefined {
    return this.of('closed').at(-1)?.exitCode
  }
}

/** A journal and its outputs, cut where the incident was resumed. */
export function sessionsOf(events: readonly Recorded[], outputs: readonly RecordedOutput[]): Session[] {
  const begins = events.flatMap((event, index) => (index === 0 || event.kind === 'resumed' ? [index] : []))
  return begins.map((begin, n) => {
    const own = events.slice(begin, begins[n + 1])
    const [from, to] = [n === 0 ? '' : own[0]!.at, events[begins[n + 1] ?? events.length]?.at]
    const within = ({ at }: RecordedOutput) => at >= from && (to === undefined || at < to)
    return new Session(own, outputs.filter(within))
  })
}
