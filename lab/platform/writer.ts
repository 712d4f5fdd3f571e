import { setTimeout as pause } from 'node:timers/promises'
import { health } from './health.ts'
import { type Routes, serve } from './server.ts'
import type { Settings } from './settings.ts'
import { reason } from './store-error.ts'
import { connectStores, type Stores } from './stores.ts'

/** Something that writes to the stores again and again; `turn` counts from 0. */
export type Write = (stores: Stores, turn: number) => Promise<void>

/** Runs a writer as a service of its own: `/health` and a write per interval, for as long as it lives. */
export function startWriter(name: string, settings: Settings, write: Write): void {
  const stores = connectStores(settings, name)
  const routes: Routes = { 'GET /health': () => health(name, stores) }
  serve(name, settings.port, routes)
  void writeForEver(name, stores, settings.writeIntervalMs, write)
}

/** A store that is away is no reason to end: one line when it starts, one when it is over, and on. */
async function writeForEver(name: string, stores: Stores, intervalMs: number, write: Write): Promise<void> {
  let failing = ''
  for (let turn = 0; ; turn++) {
    try {
      await write(stores, turn)
      if (failing) console.log(`${name} writes again`)
      failing = ''
    } catch (error) {
      const message = reason(error)
      if (message !== failing) console.error(`${name} cannot write and keeps trying: ${message}`)
      failing = message
    }
    await pause(intervalMs)
  }
}
