import type { Output } from '../../../lib/command.ts'
import { Secret } from '../../../lib/secret.ts'
import type { PostgresStore } from '../../../lib/target.ts'
import type { Usable } from '../../../stores/backups.ts'
import type { Inspection } from '../../../stores/postgres/inspect.ts'
import type { PostgresMember } from '../../../stores/postgres/member.ts'
import type { Properties } from '../../../stores/postgres/properties.ts'

export const store: PostgresStore = {
  name: 'postgres',
  service: 'postgres',
  kind: 'postgres',
  rtoMinutes: 20,
  database: 'ai_platform',
  user: 'ai_user',
  password: new Secret('POSTGRES_PASSWORD', 'not-to-be-seen'),
}

export const run = { id: '20261122_031502', folder: 'incidents/x' }

export const properties: Properties = {
  encoding: 'UTF8',
  collate: 'en_US.utf8',
  ctype: 'en_US.utf8',
  provider: 'c',
  locale: null,
  owner: 'ai_user',
  connections: -1,
  comment: null,
  acl: null,
  settings: [],
}

export const member: PostgresMember = {
  id: 'postgres_20261122_020000',
  store: 'postgres',
  kind: 'postgres',
  status: 'success',
  key: 'postgres/2026/11/22/postgres_20261122_020000.dump',
  sha256: 'a'.repeat(64),
  size_bytes: 1000,
  beside: [],
  started: '2026-11-22T02:00:00.000Z',
  engine_version: '17.11',
  image: 'postgres',
  database: 'ai_platform',
  properties,
  roles: ['ai_user', 'reader'],
  extensions: [{ name: 'vector', version: '0.8.0' }],
  database_bytes: 10_000,
  tables: [
    { name: 'public.chunks', rows: 200, fingerprint: '200:aa' },
    { name: 'public.documents', rows: 100, fingerprint: '100:bb' },
  ],
  sequences: [{ name: 'public.feedback_id_seq', value: '711 true' }],
  objects: {
    'TABLE public.chunks': '8:01',
    'INDEX public.chunks_created_at': '1:02',
    'CONSTRAINT public.chunks chunks_pkey': '2:03',
    'FK CONSTRAINT public.chunks chunks_document_id_fkey': '2:04',
  },
  large_objects: 0,
  foreign_keys: 1,
  prove_seconds: 1,
}

export const candidate: Usable<'postgres'> = {
  id: member.id,
  set: 'set_20261122_020000',
  store: 'postgres',
  member,
  source: { platform: 'ai-platform', project: 'ai-platform', host: 'host' },
  verification: undefined,
  refused: undefined,
}

/** What reading the backup's content gives, with changes. */
export function seen(changes: Partial<Inspection> = {}): Inspection {
  const { tables, sequences, objects, large_objects } = member
  return {
    tables,
    sequences,
    objects,
    large_objects,
    owners: ['ai_user'],
    complete: true,
    unreadable: '',
    ...changes,
  }
}

export function said(stdout: string, rest: Partial<Output> = {}): Output {
  return { stdout, stderr: '', exitCode: 0, durationMs: 1, ...rest }
}
