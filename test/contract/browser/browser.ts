import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $ } from '../../../lab/shell.ts'
import { escaped } from '../../../lib/html.ts'

/** A page as the browser shows it in a window of this width. */
export interface Look {
  name: string
  page: string
  /** CSS pixels. */
  width: number
}

/** What measure.mjs has found: sentences, and how much there was to look at. */
export interface Measured {
  problems: string[]
  bars: number
  references: number
}

/** A browser in a container that has no network. `folder` is where its pages are put, and nothing else of this machine is seen. */
export class Browser {
  readonly #image: string
  readonly #folder: string

  constructor(image: string, folder: string) {
    this.#image = image
    this.#folder = folder
    // The browser runs as a user of its own.
    chmodSync(folder, 0o755)
  }

  /** Measures all of them in one start: each in a frame, which is a window of its own to the page in it. */
  async measure(looks: readonly Look[]): Promise<Map<string, Measured>> {
    const frames = looks.map(
      ({ page, width }) =>
        `<iframe style="width:${width}px;height:900px;border:0" srcdoc="${escaped(page)}"></iframe>`,
    )
    const script = readFileSync(join(import.meta.dirname, 'measure.mjs'), 'utf8')
    this.#put(
      'harness.html',
      `<!doctype html><script>${script}</script><body style="margin:0">${frames.join('')}`,
    )
    const dom = await this.#run('chromium-headless-shell', [
      ...FLAGS,
      '--dump-dom',
      'file:///pages/harness.html',
    ])
    const found = /<body[^>]*>measured (\S+) end/.exec(dom)?.[1]
    if (!found) throw new Error(`the browser did not measure: ${dom.slice(0, 400)}`)
    const all = JSON.parse(Buffer.from(found, 'base64').toString()) as Measured[]
    return new Map(looks.map(({ name, width }, index) => [`${name} at ${width}`, all[index]!]))
  }

  /** Prints a page, and gives what pdfinfo says of the paper and pdftotext of what stands on it. */
  async print(page: string): Promise<{ paper: string; text: string }> {
    this.#put('printed.html', page)
    const print = `chromium-headless-shell ${FLAGS.join(' ')} --no-pdf-header-footer --print-to-pdf=printed.pdf file:///pages/printed.html`
    const output = await this.#run('sh', [
      '-c',
      `${print} >&2 && pdfinfo printed.pdf && pdftotext -layout printed.pdf -`,
    ])
    const begin = output.indexOf('PDF version')
    const end = output.indexOf('\n', begin)
    return { paper: output.slice(0, end), text: output.slice(end) }
  }

  #put(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text, { mode: 0o644 })
  }

  async #run(program: string, args: readonly string[]): Promise<string> {
    const mount = `${this.#folder}:/pages:ro`
    const run = [
      'run',
      '--rm',
      '--network',
      'none',
      '-v',
      mount,
      '--entrypoint',
      program,
      this.#image,
      ...args,
    ]
    return (await $`docker ${run}`).stdout
  }
}

/** Its own sandbox needs rights that a container does not give; the container is one. */
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=1400,900']
