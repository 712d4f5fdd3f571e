import type { Facts } from '../../runbook/model.ts'
import { type Chosen, quarantine } from './facts.ts'

/** What a recovery leaves behind, and the command that releases it. */
export function quarantined(facts: Facts): string[] {
  const f = facts as Chosen & { run: { id: string; folder: string } }
  const replaced = f.switches
    .filter(s => s.from !== undefined && f.restoring.some(r => r.fresh === s.to))
    .map(s => `collection ${s.from}`)
  const moved = [...f.inTheWay, ...f.blocking].map(name => `${quarantine(f.run)} (${name})`)
  const kept = [...new Set([...replaced, ...moved])]
  if (kept.length === 0) return []
  return [
    `In quarantine: ${kept.join(', ')}. Release it with: npx tsx tools/release-quarantine.ts ${f.run.folder.split('/').at(-1)}`,
  ]
}
