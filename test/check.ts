/** `npm run check`: types, lint, unit tests and the page; no Docker, under 20 s. */
import { say, totals } from './parts.ts'
import { quickParts } from './quick.ts'
import { Tally } from './tally.ts'

const tally = new Tally()
await quickParts(tally)
say('\n(the engines were not tested: that is `npm test`)')
totals(tally)
