import type { Event, Recorded } from '../../lib/journal.ts'

export const BEGUN = Date.parse('2026-11-22T03:00:00Z')

/** An event a minute. */
export function recorded(events: readonly Event[]): Recorded[] {
  return events.map((event, n) => ({ at: new Date(BEGUN + n * 60_000).toISOString(), ...event }))
}

export const OPENED: Event = {
  kind: 'opened',
  scenario: 'qdrant-corruption',
  incident: '20261122_030000-qdrant-corruption',
  project: 'p',
  host: 'h1',
  operator: 'ann',
  version: '1',
  rtoMinutes: 15,
}
export const UPLOAD = { path: 'r/1', say: 'recover the snapshot' }
export const SWITCH = { path: 'r/3', say: 'switch the alias' }

/** Up to a write that is in flight. */
export const EVENTS: readonly Event[] = [
  OPENED,
  { kind: 'answered', path: 'i/description', question: 'What?', answer: 'points are gone', ms: 1 },
  { kind: 'answered', path: 'i/detected', question: 'When?', answer: '2026-11-22T02:58:00Z', ms: 1 },
  {
    kind: 'planned',
    hash: 'x',
    commands: 3,
    writes: 2,
    ahead: [
      { ...UPLOAD, effect: 'write' },
      { path: 'r/2', say: 'count', effect: 'check' },
      { ...SWITCH, effect: 'write', final: true },
    ],
  },
  { kind: 'confirmed', phrase: 'p', binding: {} },
  { kind: 'started', ...UPLOAD, effect: 'write', command: 'curl upload', undo: 'curl remove' },
]
