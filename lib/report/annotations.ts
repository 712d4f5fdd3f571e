import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { masked } from '../secret.ts'

export const VERBS = ['pin', 'hide', 'comment', 'action'] as const

/** What a person has said about a line of the journal; the journal itself is never touched. */
export interface Annotation {
  /** ISO 8601. */
  at: string
  by: string
  line: number
  what: (typeof VERBS)[number]
  text: string
}

const FILE = 'annotations.jsonl'

/** Appends to what was said before; nothing is ever taken out. */
export function annotate(folder: string, annotation: Annotation): void {
  appendFileSync(join(folder, FILE), `${JSON.stringify(masked(annotation))}\n`, { mode: 0o600 })
}

/** All that was said, oldest first. A line that was cut by a crash is left out. */
export function readAnnotations(folder: string): Annotation[] {
  const file = join(folder, FILE)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split('\n').flatMap(parsed)
}

function parsed(line: string): Annotation[] {
  try {
    return [JSON.parse(line) as Annotation]
  } catch {
    return []
  }
}

/** What was said, by the line that it is about. */
export class Annotations {
  readonly all: readonly Annotation[]

  constructor(all: readonly Annotation[]) {
    this.all = all
  }

  /** Whether a line stands in the timeline: the last word of a person counts, else what is usual. */
  shows(line: number, usual: boolean): boolean {
    const last = this.all
      .filter(one => one.line === line && (one.what === 'pin' || one.what === 'hide'))
      .at(-1)
    return last === undefined ? usual : last.what === 'pin'
  }

  isHidden(line: number): boolean {
    return !this.shows(line, true)
  }

  /** Comments, and the reasons for pinning, each with who said it. */
  notes(line: number): string[] {
    return this.all
      .filter(one => one.line === line && one.text !== '' && (one.what === 'comment' || one.what === 'pin'))
      .map(({ text, by }) => `${text} (${by})`)
  }

  get actions(): Annotation[] {
    return this.all.filter(({ what }) => what === 'action')
  }
}
