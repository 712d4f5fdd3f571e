import type { Target } from '../lib/target.ts'

/** What every step of a run starts with. */
export interface Base {
  target: Target
  run: Run
}

/** One run: its id is the UTC stamp of its begin, its folder the incident's, relative to the target's root. */
export interface Run {
  id: string
  folder: string
}
