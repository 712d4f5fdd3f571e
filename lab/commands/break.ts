import { badInput } from '../../lib/problem.ts'
import { FAULTS, faultNamed, inject } from '../faults/faults.ts'
import { say } from '../setup/progress.ts'
import { storeLines } from '../status.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore, text } from './command.ts'

const LIST = FAULTS.map(({ id, title }) => `  ${id.padEnd(20)} ${title}`).join('\n')

export const breakIt: LabCommand = {
  usage: '<fault> [--collection documents|packages]',
  summary: 'damage the platform in one of the ways it breaks in real life',
  details: `Refuses everything that does not carry the label of a practice ground. The faults:

${LIST}

  --collection   for a fault of Qdrant: documents (reached through an alias; the default) or packages (a physical name)`,
  options: { collection: { type: 'string' } },
  run: async given => {
    noMore(given, 1)
    const [id] = given.positionals
    if (!id) throw badInput('which fault?', `one of ${FAULTS.map(each => each.id).join(', ')}`)
    const fault = faultNamed(id)
    say(`${fault.title} …`)
    const target = labTarget()
    const { name, physical } = await inject(target, fault, text(given, 'collection'))
    const where = name === physical ? name : `${name}, stored as ${physical}`
    say(fault.stores.includes('qdrant') ? `${fault.sentence} (${where})` : fault.sentence)
    say(`expected: ${fault.expected.found}`)
    for (const line of await storeLines(target)) say(`seen from outside: ${line}`)
    say(`after the recovery: ${fault.expected.recovered}`)
    say('next: npm start')
  },
}
