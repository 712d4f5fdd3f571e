import type { Facts } from './model.ts'

/** Thrown when a branch or loop depends on something that is not known yet. */
export class Unknown extends Error {}

/**
 * Facts of which some are not known yet: those read as `<name>` wherever they end up in a command.
 * With `strict`, touching one throws Unknown instead: a decision must not rest on a placeholder.
 */
export function partial(known: Facts, strict = false): Facts {
  return new Proxy(known, {
    get(target, key) {
      if (typeof key === 'symbol' || key in target) return target[key as string]
      if (strict) throw new Unknown(key)
      return placeholder(key)
    },
    has: (target, key) => {
      if (strict && !(key in target)) throw new Unknown(String(key))
      return key in target
    },
  })
}

/** Reads as `<name>`; a property of it as `<name.property>`; called or iterated it stays one element. */
export function placeholder(name: string): unknown {
  const text = `<${name}>`
  return new Proxy(() => text, {
    get(_, key) {
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'valueOf' || key === 'toJSON') {
        return () => text
      }
      if (key === Symbol.iterator) {
        return function* () {
          yield text
        }
      }
      if (typeof key === 'symbol') return undefined
      return placeholder(`${name}.${key}`)
    },
    apply: () => text,
  })
}
