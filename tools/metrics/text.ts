import { Gauge, Registry } from 'prom-client'
import type { Family } from './families.ts'

/** The exposition format of Prometheus. */
export async function metricsText(families: readonly Family[]): Promise<{ type: string; text: string }> {
  const registry = new Registry()
  for (const { name, help, samples } of families) {
    // A gauge without labels that was never set would say 0.
    if (samples.length === 0) continue
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const { labels, value } of samples) gauge.set(labels, value)
  }
  return { type: registry.contentType, text: await registry.metrics() }
}
