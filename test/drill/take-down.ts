/** Removes the practice ground of the drills that DRILL_GROUND names: `npm test` ends with it. */
import { takeDown } from './ground.ts'

await takeDown()
