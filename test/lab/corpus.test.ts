import { readCorpus } from '../../lab/seed/corpus.ts'
import { knownAnswers } from '../../lab/seed/known-answers.ts'
import { assert, describe } from '../describe.ts'

describe('the data of the practice ground', suite => {
  suite.test('without declarations there is less of it, and the known answers still stand in it', () => {
    const all = readCorpus('.')
    const pages = withoutDeclarations(() => readCorpus(process.cwd()))
    assert.ok(all.documents.some(({ title }) => title.startsWith('Declarations in ')))
    assert.equal(
      pages.documents,
      all.documents.filter(({ title }) => !title.startsWith('Declarations in ')),
    )
    assert.equal(pages.packages, all.packages)
    assert.is(knownAnswers(pages).length, 3)
  })
})

/** What was read of a folder is kept under its name, so the folder needs another one meanwhile. */
function withoutDeclarations<T>(read: () => T): T {
  process.env.SEED_DECLARATIONS = 'off'
  try {
    return read()
  } finally {
    delete process.env.SEED_DECLARATIONS
  }
}
