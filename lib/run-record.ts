import { hostname } from 'node:os'
import { stamp } from './format.ts'
import { Objects } from './objects.ts'
import { exitCodeOf, messageOf } from './problem.ts'
import type { Bucket } from './target.ts'

/** What a run leaves in the bucket: monitoring reads it there, whatever has become of the run and its machine. */
export interface RunRecord {
  project: string
  kind: 'backup' | 'recovery' | 'test'
  /** The scenario of a recovery; what was done, for the others. */
  name: string
  /** UTC stamp of its begin. */
  id: string
  host: string
  /** ISO 8601. */
  started: string
  /** What a recovery must not exceed. */
  rto_seconds?: number
  /** Absent while it runs, and for ever when it was killed. */
  end?: RunEnd
}

export interface RunEnd {
  /** ISO 8601. */
  ended: string
  exit_code: number
  /** When the disaster was noticed, which is earlier than the run: its RTO counts from here. */
  detected?: string
}

const PREFIX = 'runs/'
/** A record is never worth waiting for. */
const PATIENCE = { answerSeconds: 5 }

type Begun = Pick<RunRecord, 'project' | 'kind' | 'name' | 'rto_seconds'>

/** The begin of a run of this moment. `id`: where the run has a stamp already, by which it names what it writes. */
export function newRun(run: Begun, id?: string): RunRecord {
  const now = new Date()
  return { ...run, id: id ?? stamp(now), host: hostname(), started: now.toISOString() }
}

/**
 * Notes the begin of a run and, when it ends, its end: two objects, because none is ever changed. What cannot be noted
 * is told, and holds nothing up.
 */
export class RunNote {
  readonly #objects: Objects
  readonly #run: RunRecord
  readonly #tell: (text: string) => void
  #begun: Promise<void>

  /** `begun`: where its begin is noted already. */
  constructor(bucket: Bucket, run: RunRecord, tell: (text: string) => void, begun?: Promise<void>) {
    this.#objects = new Objects(bucket, PATIENCE)
    this.#run = run
    this.#tell = tell
    this.#begun = begun ?? this.#put('started', this.#run)
  }

  async end(exit_code: number, detected?: string): Promise<void> {
    await this.#begun
    const end: RunEnd = { ended: new Date().toISOString(), exit_code, ...(detected ? { detected } : {}) }
    await this.#put('ended', { ...this.#run, end })
  }

  async #put(what: 'started' | 'ended', record: RunRecord): Promise<void> {
    try {
      await put(this.#objects, what, record)
    } catch (error) {
      this.#tell(`the bucket could not be told that this run has ${what}: ${messageOf(error)}`)
    }
  }
}

async function put(objects: Objects, what: 'started' | 'ended', record: RunRecord): Promise<void> {
  const { project, kind, name, id } = record
  const key = `${PREFIX}${project}/${kind}/${name}/${id}.${what}.json`
  await objects.putOnce(key, `${JSON.stringify(record)}\n`)
}

/** Does the work of a run between its two notes. */
export async function noted<T extends number>(
  bucket: Bucket,
  run: RunRecord,
  tell: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  return between(new RunNote(bucket, run, tell), work)
}

/**
 * The same for work whose result goes into the bucket: it is not begun when the bucket cannot be written. Throws a
 * Problem that says why, also when the bucket is full or gone.
 */
export async function notedFirst<T extends number>(
  bucket: Bucket,
  run: RunRecord,
  tell: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const begun = put(new Objects(bucket), 'started', run)
  await begun
  return between(new RunNote(bucket, run, tell, begun), work)
}

async function between<T extends number>(note: RunNote, work: () => Promise<T>): Promise<T> {
  try {
    const exitCode = await work()
    await note.end(exitCode)
    return exitCode
  } catch (error) {
    await note.end(exitCodeOf(error))
    throw error
  }
}

/** The newest run of every kind and name that this installation has noted. */
export async function newestRuns(objects: Objects, project: string): Promise<RunRecord[]> {
  const newest = new Map<string, string>()
  for (const { key } of await objects.list(`${PREFIX}${project}/`)) {
    const [, what, stem] = /^(.*)\/(\d{8}_\d{6})\.(?:started|ended)\.json$/.exec(key) ?? []
    // The end of a run sorts before its begin, and says all that the begin does.
    if (what && stem && !(newest.get(what) ?? '').startsWith(`${what}/${stem}.ended`)) newest.set(what, key)
  }
  return Promise.all([...newest.values()].map(async key => JSON.parse(await objects.text(key)) as RunRecord))
}
