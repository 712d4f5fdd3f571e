import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Rules {
  groups: {
    rules: {
      alert: string
      for?: string
      labels: { level: string }
      annotations: { summary: string; action: string }
    }[]
  }[]
}

/** What calls somebody, from the rules that Prometheus runs. */
export function monitoring(root: string): string {
  const { groups } = parse(readFileSync(join(root, 'monitoring/prometheus/alerts.yml'), 'utf8')) as Rules
  const rows = groups
    .flatMap(({ rules }) => rules)
    .map(rule => {
      const { summary, action } = rule.annotations
      const late = rule.for ? ` (for ${rule.for})` : ''
      return `| ${rule.alert} | ${plain(summary)}${late} | ${rule.labels.level} | ${asCommand(action)} |`
    })
  return `## Monitoring

Backups and tests note their begin and their end in the bucket (\`runs/\`), and so does a recovery once it is confirmed,
with the time at which the disaster was noticed; one that was refused or declined leaves nothing there. The exporter reads
these notes, the manifests and the verifications, and tells Prometheus: it has the keys of the bucket and nothing else,
so it goes on when the platform or the backup service does not.

\`\`\`sh
npx tsx tools/exporter.ts --once                    # the metrics, here and now
docker compose --profile monitoring up -d           # exporter, Prometheus, Alertmanager, Grafana
npm run lab -- up --monitoring                      # the same on the practice ground
\`\`\`

| alert | it says | level | then |
| --- | --- | --- | --- |
${rows.join('\n')}

The paper called after 25 hours without a backup, an hour after an RPO of 24, and looked at size only upwards; an empty
database dumps to a few hundred bytes and passes every check of a dump. Rules, their unit tests, the routes by level of
escalation and the dashboard are in \`monitoring/\`; put your pager into \`monitoring/alertmanager/alertmanager.yml\`.
`
}

function plain(summary: string): string {
  return summary.replaceAll(/\{\{ \$(?:labels\.)?(\w+)(?: \| \w+)? \}\}/g, (_, name) => `*${name}*`)
}

/** Some actions are a sentence. */
function asCommand(action: string): string {
  return /^(npx|npm|docker) /.test(action) ? `\`${action}\`` : action
}
