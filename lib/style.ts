import { Chalk } from 'chalk'

// chalk itself does not look at NO_COLOR (chalk issue 547), so the level is decided once, here.
const colour = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const chalk = new Chalk({ level: colour ? 1 : 0 })

/** The five ways text may stand out; colour never carries meaning alone. */
export const style = {
  strong: (text: string) => chalk.bold(text),
  quiet: (text: string) => chalk.dim(text),
  good: (text: string) => chalk.green(text),
  bad: (text: string) => chalk.red(text),
  warn: (text: string) => chalk.yellow(text),
}
