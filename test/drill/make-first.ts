/** Makes the ground of a run that its other grounds are copies of. */
import { makeFirst } from './ready.ts'

await makeFirst()
