import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * Writes the build context of the platform's image into `outDir`: the Dockerfile and one bundled file with
 * all packages in it. The same sources give the same bytes, so the context can be hashed.
 */
export async function bundlePlatform(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await bundle(join(here, 'platform', 'platform.ts'), join(outDir, 'platform.mjs'))
  await copyFile(join(here, 'images', 'platform', 'Dockerfile'), join(outDir, 'Dockerfile'))
}

/** One file of our sources and all the packages they use. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // pg asks for its native variant and for Cloudflare's sockets only where those exist.
    external: ['pg-native', 'cloudflare:sockets'],
    // pg is CommonJS and calls require() for Node's own modules, which an ES module does not have.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
}
