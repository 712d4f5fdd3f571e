import { MARK } from '../../lib/config.ts'
import type { Recognised, RecognisedStore } from './recognise.ts'

/** The paper's objectives; minutes. */
const RTO = { qdrant: 15, neo4j: 30, postgres: 20 }

interface Place {
  project: string
  context: string
  files: readonly string[]
}

/** A first configuration. What the compose project did not show carries a mark that no run goes past. */
export function configText(place: Place, found: Recognised): string {
  return [platformPart(place, found), backupPart(found), restPart()].join('\n')
}

function platformPart({ project, context, files }: Place, found: Recognised): string {
  return `# yaml-language-server: $schema=./runbook.config.schema.json
# Written by tools/init.ts from the compose project "${project}". What has no value yet says FILL IN:
# every tool refuses to begin before. Values in \${…} come from the environment or from env_file.
version: 1
platform: ${project}
env_file: .env
incidents: incidents

docker:
  context: ${context}
  project: ${project}
  files: ${JSON.stringify(files)}
  grace_seconds: 60

# URLs are as seen from where the tool runs, not from inside the containers. Two databases are two stores.
stores:
${found.stores.map(store => storeText(store)).join('\n')}

# Stopped in this order, started in the opposite one: every service that writes to a store, the backup service too.
writers: ${JSON.stringify(found.writers)}

# What shows that somebody can use the platform: asked after every recovery, and by tools/smoke-tests.ts. \`data\` has to
# work once the stores are back; \`inference\` needs a model as well. A store that no query asks is asked whether it
# holds anything. Best are questions of which you know the answer:
#    - name: a known document is found
#      kind: data
#      url: http://127.0.0.1:8000/search
#      body: { query: How long is the notice period?, limit: 10 }
#      expect: { document: { at: hits.*.id, id: 4711 } }
#      within_seconds: 5
#    - name: a model answers
#      kind: inference
#      url: http://127.0.0.1:8000/v1/chat/completions
#      body: { model: some-model, messages: [{ role: user, content: Hello }] }
#      token_from: API_TOKEN
#      expect: { matches: '"content": *"[^"]' }
smoke_tests:
  requests:${found.door ? requestText(found.door) : ' []'}
  queries: []
#    - { name: rows of orders, store: postgres, query: SELECT count(*) FROM orders, at_least: 1000 }
#    - { name: points of documents, store: qdrant, collection: documents, at_least: 1000 }
`
}

function requestText({ service, port }: { service: string; port: string }): string {
  return `
    - name: ${service} answers
      kind: data
      url: ${at(port)}/health
      expect: { text: ${unknown('a text that its answer has')} }`
}

function backupPart({ minio, backupService }: Recognised): string {
  return `backups:
  endpoint: ${minio?.port ? at(minio.port) : unknown('URL of the S3 server')}
${minio ? `  service: ${minio.service}` : '  # service: its name, where it is one of this project'}
  bucket: \${BACKUP_BUCKET:-backups}
  access_key_from: ${minio?.accessKey ?? unknown('variable with the access key')}
  secret_key_from: ${minio?.secretKey ?? unknown('variable with the secret key')}
  schedule: "\${BACKUP_SCHEDULE:-0 2 * * *}"
  retention_days: \${BACKUP_RETENTION_DAYS:-30}
  keep_verified: 7
${takenBy(backupService)}
targets:
  rto_minutes: 60
  rpo_hours: 24
`
}

/** What no compose project shows. */
const restPart =
  () => `# What belongs together across the stores: a row here has a point there, a node, or both.
#  - name: documents
#    postgres: { store: postgres, table: documents, id: id, created: created_at }
#    qdrant: { store: qdrant, collection: documents }
#    neo4j: { store: neo4j, label: Document, property: id }
relations: []

escalation:
  - level: 1
    role: On-call engineer
    contact: ${unknown('whom to call first')}
    duties: [Run the recovery scenarios, Run the validation, Watch the health of the services]
  - level: 2
    role: Database administrator
    contact: ${unknown('whom to call second')}
    duties: [Manual recovery of a database, Restores that no scenario covers]
  - level: 3
    role: Platform architect
    contact: ${unknown('whom to call last')}
    duties: [Architecture decisions, Fail-over to another region, Major incidents]

links:
  - title: This runbook
    url: ./RUNBOOK.md

review:
  next: ${inThreeMonths(new Date())}
`

function storeText({ name, kind, service, port, database, user, secret }: RecognisedStore): string {
  const lines = [`kind: ${kind}`, `service: ${service}`]
  if (kind === 'qdrant') {
    lines.push(`url: ${port ? at(port) : unknown('URL of Qdrant: it publishes no port')}`)
    if (secret) lines.push(`api_key_from: ${secret}`)
  } else {
    lines.push(`database: ${database}`, `user: ${user}`)
    lines.push(
      `password_from: ${secret ?? unknown('variable with its password: the compose file has it in clear')}`,
    )
  }
  lines.push(`rto_minutes: ${RTO[kind]}`)
  return [`  ${name}:`, ...lines.map(line => `    ${line}`)].join('\n')
}

function takenBy(service: string | undefined): string {
  if (!service)
    return '  # Who keeps the schedule: taken_by: { service: …, health: … }; none where cron or a timer does.\n'
  return `  taken_by: { service: ${service}, health: http://localhost:8080/health }\n`
}

/** The port as it is written, with its variable. */
function at(port: string): string {
  return `http://127.0.0.1:${port}`
}

function unknown(what: string): string {
  return JSON.stringify(`${MARK} ${what}`)
}

function inThreeMonths(from: Date): string {
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 3, from.getUTCDate()))
    .toISOString()
    .slice(0, 10)
}
