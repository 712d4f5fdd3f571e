/** `npm run check`: types, lint, quick unit tests and the page; no Docker, no whole programs, half a minute on two cores. */
import { say, totals } from './parts.ts'
import { quickParts } from './quick.ts'
import { Tally } from './tally.ts'

const tally = new Tally()
await quickParts(tally)
say('\n(engines and whole programs were not tested: that is `npm test`)')
totals(tally)
