/** Makes the copies of the seed that the grounds of a run begin from, where there are none of now. */
import { makeCopies } from './ground.ts'

await makeCopies()
