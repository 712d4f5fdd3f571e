import { readCorpus } from '../../lab/seed/corpus.ts'
import { knownAnswers } from '../../lab/seed/known-answers.ts'
import { assert, describe } from '../describe.ts'

describe('the data of the practice ground', suite => {
  suite.test('without the types there is less of it, and the known answers still stand in it', () => {
    const all = readCorpus('.')
    const some = withoutTypes(() => readCorpus(process.cwd()))
    assert.ok(all.documents.some(ofTypes))
    assert.equal(
      some.documents,
      all.documents.filter(document => !ofTypes(document)),
    )
    assert.equal(some.packages, all.packages)
    assert.is(knownAnswers(some).length, 3)
  })
})

function ofTypes(document: { package: string }): boolean {
  return document.package.startsWith('@types/')
}

/** What was read of a folder is kept under its name, so the folder needs another one meanwhile. */
function withoutTypes<T>(read: () => T): T {
  process.env.SEED_TYPES = 'off'
  try {
    return read()
  } finally {
    delete process.env.SEED_TYPES
  }
}
