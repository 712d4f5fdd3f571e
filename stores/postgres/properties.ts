import { listOf, object, text } from '../member.ts'
import { ident, literal } from './sql.ts'

/** What a database is, besides its content: lies outside of every dump of it. */
export interface Properties {
  encoding: string
  collate: string
  ctype: string
  /** c (libc), i (ICU) or b (builtin). */
  provider: string
  /** Locale of ICU or the builtin provider; null with libc. */
  locale: string | null
  owner: string
  /** -1 is without limit. */
  connections: number
  comment: string | null
  /** Null: the defaults. */
  acl: Privilege[] | null
  settings: Setting[]
}

interface Privilege {
  grantee: string
  privilege: string
  grantable: boolean
}

/** ALTER DATABASE … SET, or ALTER ROLE … IN DATABASE … SET. */
interface Setting {
  role: string | null
  name: string
  value: string
}

const orNull = (schema: unknown) => ({ anyOf: [schema, { type: 'null' }] })
const string = { type: 'string' }

export const propertiesSchema = object({
  encoding: { type: 'string', pattern: '^[A-Za-z0-9_]+$' },
  collate: text,
  ctype: text,
  provider: { enum: ['c', 'i', 'b'] },
  locale: orNull(text),
  owner: text,
  connections: { type: 'integer', minimum: -1 },
  comment: orNull(string),
  acl: orNull(
    listOf({
      grantee: text,
      privilege: { type: 'string', pattern: '^[A-Z ]+$' },
      grantable: { type: 'boolean' },
    }),
  ),
  settings: listOf({
    role: orNull(text),
    name: { type: 'string', pattern: '^[A-Za-z_][\\w.]*$' },
    value: string,
  }),
})

/** Gives the properties of a database (of the current one without a name) as JSON; no row when it does not exist. The row is read as JSON because
 * the column of the locale has another name in every other release. */
export function propertiesQuery(database?: string): string {
  const name = database === undefined ? 'current_database()' : literal(database)
  return `SELECT json_build_object('encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate,
  'ctype', d.datctype, 'provider', coalesce(j ->> 'datlocprovider', 'c'),
  'locale', coalesce(j ->> 'datlocale', j ->> 'daticulocale'),
  'owner', (SELECT rolname FROM pg_roles r WHERE r.oid = d.datdba), 'connections', d.datconnlimit,
  'comment', shobj_description(d.oid, 'pg_database'),
  'acl', (SELECT json_agg(json_build_object('grantee', coalesce((SELECT rolname FROM pg_roles r
    WHERE r.oid = a.grantee), 'PUBLIC'), 'privilege', a.privilege_type, 'grantable', a.is_grantable)
    ORDER BY a.grantee, a.privilege_type) FROM aclexplode(d.datacl) a),
  'settings', coalesce((SELECT json_agg(json_build_object('role', (SELECT rolname FROM pg_roles r
    WHERE r.oid = s.setrole), 'name', split_part(c, '=', 1), 'value', substr(c, strpos(c, '=') + 1))
    ORDER BY s.setrole, c) FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = d.oid), '[]'))
FROM pg_database d, LATERAL to_jsonb(d) j WHERE d.datname = ${name}`
}

/** From template0: template1 may hold local additions, or have another encoding and locale. */
export function createDatabase(name: string, p: Properties): string {
  const words = [
    `CREATE DATABASE ${ident(name)} TEMPLATE template0 OWNER ${ident(p.owner)} ENCODING ${literal(p.encoding)}`,
    `LC_COLLATE ${literal(p.collate)} LC_CTYPE ${literal(p.ctype)}`,
  ]
  if (p.provider === 'i') words.push(`LOCALE_PROVIDER icu ICU_LOCALE ${literal(p.locale ?? 'und')}`)
  if (p.provider === 'b') words.push(`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(p.locale ?? 'C')}`)
  if (p.connections !== -1) words.push(`CONNECTION LIMIT ${p.connections}`)
  return words.join(' ')
}

/**
 * Statements that give a database its comment, privileges and settings. A rename moves none of them: they
 * stay with the old database. Empty when everything is the default.
 */
export function carryOver(name: string, p: Properties): string[] {
  const database = ident(name)
  const out: string[] = []
  if (p.comment !== null) out.push(`COMMENT ON DATABASE ${database} IS ${literal(p.comment)}`)
  if (p.acl) {
    out.push(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${ident(p.owner)}`)
    for (const { grantee, privilege, grantable } of p.acl) {
      const to = grantee === 'PUBLIC' ? grantee : ident(grantee)
      out.push(`GRANT ${privilege} ON DATABASE ${database} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`)
    }
  }
  for (const { role, name: setting, value } of p.settings) {
    const who = role === null ? `DATABASE ${database}` : `ROLE ${ident(role)} IN DATABASE ${database}`
    out.push(`ALTER ${who} SET ${setting} = ${settingValue(setting, value)}`)
  }
  return out
}

/** Settings whose value is a list of names: as one quoted text they would be a single, wrong name. */
const LISTS = [
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
  'shared_preload_libraries',
]

function settingValue(setting: string, value: string): string {
  if (!LISTS.includes(setting.toLowerCase())) return literal(value)
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^",\s]+/g)]
  return names.map(([word, quoted]) => literal(quoted?.replaceAll('""', '"') ?? word)).join(', ') || "''"
}

export function sameProperties(a: Properties, b: Properties): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(p: Properties): unknown {
  const acl = p.acl?.map(one => JSON.stringify([one.grantee, one.privilege, one.grantable])).sort()
  const settings = p.settings.map(one => JSON.stringify([one.role, one.name, one.value])).sort()
  const { encoding, collate, ctype, provider, locale, owner, connections, comment } = p
  return [encoding, collate, ctype, provider, locale, owner, connections, comment, acl ?? null, settings]
}
