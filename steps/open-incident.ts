import { step } from '../runbook/tree.ts'
import type { Base, StoreBase } from '../stores/base.ts'

export interface OpenGives {
  description: string
  detected: string
  affected: string
}

export const openIncident = step<Base, OpenGives>({
  id: 'incident',
  title: 'Open the incident',
  why: `What is known now is forgotten by noon. The log keeps it from the first minute; the time of detection
starts the clock against the RTO, and from then on every command is written down by itself.`,
  body: s =>
    s
      .ask({
        id: 'description',
        say: 'What happened, in one sentence?',
        suggest: f => `${subject(f)} gives wrong or no answers`,
        assume: { because: 'it only labels the report' },
      })
      .ask({
        id: 'detected',
        say: 'When was it detected? (UTC; starts the RTO clock)',
        suggest: () => `${new Date().toISOString().slice(0, 16)}Z`,
        assume: { because: 'the run itself is the detection' },
        refuse: answer => (Number.isNaN(Date.parse(answer)) ? 'a time such as 2026-11-22T03:15Z' : undefined),
      })
      .ask({
        id: 'affected',
        say: 'What is affected?',
        suggest: subject,
        assume: { because: 'the scenario names it' },
      }),
})

/** The store of the scenario; one for several stores is about the platform. */
function subject(f: Base): string {
  return (f as Partial<StoreBase>).store?.name ?? 'the platform'
}
