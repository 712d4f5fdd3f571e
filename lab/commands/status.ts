import { badInput } from '../../lib/problem.ts'
import { style } from '../../lib/style.ts'
import { states } from '../ground.ts'
import { pristineSeed } from '../pristine.ts'
import { lastWrite, storeLines } from '../status.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const status: LabCommand = {
  usage: '',
  summary: 'what runs, on which images, and what is in the stores',
  details: 'Reads every seeded point, so silent damage shows too.',
  options: {},
  run: async given => {
    noMore(given)
    const target = labTarget()
    const all = await states(target)
    if (all.length === 0) {
      throw badInput(`there is no practice ground "${target.project}"`, 'start one: npm run lab -- up')
    }
    const lines = all.map(({ service, state, health, exitCode, image }) => {
      const how = state === 'running' ? health || 'running' : `${state} (exit code ${exitCode})`
      const colour = how === 'healthy' || how === 'running' ? style.good : style.bad
      return `  ${service.padEnd(20)} ${colour(how.padEnd(12))} ${style.quiet(image)}`
    })
    const age = await lastWrite(target).catch(() => undefined)
    const writers =
      age === undefined ? 'unknown, or nothing written yet' : `last write ${Math.round(age)} s ago`
    const copies = (await pristineSeed(target)) ?? 'none; npm run lab -- pristine'
    const stores = (await storeLines(target)).map(each => `  ${each}`)
    console.log([`${target.project} · front door ${target.urls.gateway}`, ...lines, ...stores].join('\n'))
    console.log(`  writers: ${writers}\n  copies: ${copies}`)
  },
}
