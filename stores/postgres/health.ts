import type { Output } from '../../lib/command.ts'

/** What counts and checksums do not show: broken references and indexes that are not used. */
export interface Health {
  /** Foreign keys that call themselves valid and have rows without a parent. */
  orphans: { key: string; table: string; rows: number }[]
  invalid: string[]
  /** Foreign keys and checks that were never validated (NOT VALID). */
  unvalidated: string[]
  /** Sequences whose next value is in the table already. */
  behind: string[]
  /** The server's words when it could not be found out, as with a lock that is held; empty otherwise. */
  unreadable: string
}

/**
 * One line of JSON per thing that is wrong. The catalogue alone is not enough: rows that were changed under
 * session_replication_role = replica leave a constraint "validated" with orphans in it, and validating it
 * again does nothing. So every foreign key is checked against its rows. NOT VALID ones may have orphans.
 */
export const HEALTH_SCRIPT = `SELECT format('SELECT json_build_object(''orphans'', %L, ''table'', %L, ''rows'', count(*)) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) HAVING count(*) > 0',
  con.conname, t.name, t.rows, k.given, p.name, k.same)
FROM pg_constraint con
JOIN LATERAL (SELECT format('%I.%I', n.nspname, c.relname) AS name,
  format('%s%I.%I', CASE c.relkind WHEN 'r' THEN 'ONLY ' END, n.nspname, c.relname) AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = con.conrelid) t ON true
JOIN LATERAL (SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n
  ON n.oid = c.relnamespace WHERE c.oid = con.confrelid) p ON true
JOIN LATERAL (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS given,
  string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ') AS same
  FROM unnest(con.conkey, con.confkey) AS u(child, parent)
  JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = u.child
  JOIN pg_attribute b ON b.attrelid = con.confrelid AND b.attnum = u.parent) k ON true
WHERE con.contype = 'f' AND con.convalidated AND con.conparentid = 0
ORDER BY con.conname
\\gexec
SELECT json_build_object('invalid', i.indexrelid::regclass::text) FROM pg_index i
WHERE NOT (i.indisvalid AND i.indisready);
SELECT json_build_object('unvalidated', conname) FROM pg_constraint WHERE NOT convalidated;
SELECT format('SELECT json_build_object(''behind'', %L) FROM %s t WHERE (SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM %s) <= (SELECT max(%I) FROM %s) LIMIT 1',
  s.oid::regclass, d.refobjid::regclass, s.oid::regclass, a.attname, d.refobjid::regclass)
FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
WHERE s.relkind = 'S'
\\gexec`

type Line = { orphans?: string; table?: string; rows?: number } & Partial<
  Record<'invalid' | 'unvalidated' | 'behind', string>
>

export function healthOf(o: Output): Health {
  const lines = o.stdout.split('\n').filter(line => line.startsWith('{'))
  const all = lines.map(line => JSON.parse(line) as Line)
  const named = (kind: 'invalid' | 'unvalidated' | 'behind') => all.flatMap(line => line[kind] ?? [])
  return {
    orphans: all.flatMap(({ orphans, table, rows }) =>
      orphans === undefined ? [] : [{ key: orphans, table: table ?? '', rows: rows ?? 0 }],
    ),
    invalid: named('invalid'),
    unvalidated: named('unvalidated'),
    behind: named('behind'),
    unreadable: o.exitCode === 0 ? '' : (o.stderr.trim().split('\n')[0] ?? `exit code ${o.exitCode}`),
  }
}

export function readHealth(o: Output): Health {
  return JSON.parse(o.stdout) as Health
}
