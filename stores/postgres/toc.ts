import type { Output } from '../../lib/command.ts'

/** What the table of contents of an archive says (`pg_restore --list`). */
export interface TableOfContents {
  /** Tables with data, as "public documents ai_user": all three may have blanks in them. */
  data: string[]
  foreignKeys: number
}

/** Reads `pg_restore --list`: comment lines first, then "220; 1259 16407 TABLE public feedback ai_user". */
export function readToc(o: Output): TableOfContents {
  const entries = o.stdout.split('\n').flatMap(line => /^\d+; \d+ \d+ (.+)$/.exec(line)?.[1] ?? [])
  return {
    data: entries.flatMap(entry => /^TABLE DATA (.+)$/.exec(entry)?.[1] ?? []),
    foreignKeys: entries.filter(entry => entry.startsWith('FK CONSTRAINT ')).length,
  }
}
