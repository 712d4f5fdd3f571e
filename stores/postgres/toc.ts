import type { Output } from '../../lib/command.ts'

/** What the table of contents of an archive says (`pg_restore --list`). */
export interface TableOfContents {
  database: string
  /** Version of the server it was dumped from. */
  server: string
  /** Tables with data, as "public documents". */
  data: string[]
  foreignKeys: number
}

/** Reads `pg_restore --list`: comment lines first, then "220; 1259 16407 TABLE public feedback ai_user". */
export function readToc(o: Output): TableOfContents {
  const lines = o.stdout.split('\n')
  const said = (what: string) =>
    lines
      .find(line => line.startsWith(`;     ${what}: `))
      ?.slice(`;     ${what}: `.length)
      .trim() ?? ''
  const entries = lines.flatMap(line => /^\d+; \d+ \d+ (.+)$/.exec(line)?.[1] ?? [])
  return {
    database: said('dbname'),
    server: said('Dumped from database version').split(' ')[0]!,
    data: entries.flatMap(entry => /^TABLE DATA (.+) \S*$/.exec(entry)?.[1] ?? []),
    foreignKeys: entries.filter(entry => entry.startsWith('FK CONSTRAINT ')).length,
  }
}
