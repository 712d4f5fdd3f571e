import { readStates } from '../../lab/ground.ts'
import { assert, describe } from '../describe.ts'

const NEO4J = { Service: 'neo4j', State: 'running', Health: 'healthy', ExitCode: 0, Image: 'neo4j:5.26' }
const LEFTOVER = { ...NEO4J, State: 'exited', Labels: 'a=b,com.docker.compose.oneoff=True' }

describe('states of a practice ground', suite => {
  const service = [
    { service: 'neo4j', state: 'running', health: 'healthy', exitCode: 0, image: 'neo4j:5.26' },
  ]
  suite.test('one object a line', () => assert.equal(readStates(`${JSON.stringify(NEO4J)}\n`), service))
  suite.test('one array', () => assert.equal(readStates(JSON.stringify([NEO4J])), service))
  suite.test('what a one-off left behind is no service', () => {
    assert.equal(readStates(`${JSON.stringify(LEFTOVER)}\n${JSON.stringify(NEO4J)}`), service)
  })
})
