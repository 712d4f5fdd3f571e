import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../../lib/problem.ts'
import { $, attempt, succeeds } from '../shell.ts'
import { canInstall, install, refresh } from './apt.ts'
import { logged } from './logged.ts'
import { KEPT } from './paths.ts'
import type { Recipe } from './recipes.ts'

/** Where a build finds its registries, when this machine says so; each only if the Dockerfile asks for it. */
const AMBIENT = ['GOPROXY', 'GONOSUMDB', 'GOSUMDB', 'PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL']
/** Docker passes these to every build without being asked. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/** CA certificates of the host are in the base; these make Python and Node use them as the others do. */
const CERTIFICATES = ['SSL_CERT_FILE', 'PIP_CERT', 'NODE_EXTRA_CA_CERTS']
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt'

/** Builds one image; its output goes to `.lab/logs/<name>.log`. */
export async function buildImage(recipe: Recipe, context: string, tag: string, base?: string): Promise<void> {
  if (recipe.name === 'base') return buildBase(recipe, context, tag)
  const args = [...(base ? [`BASE=${base}`] : []), ...(await ambient(context))]
  await logged(recipe.name, `building (about ${recipe.about})`, [
    'docker',
    'build',
    // The bridge network does not reach the registries everywhere; the host's does.
    '--network=host',
    '--force-rm',
    ...args.flatMap(arg => ['--build-arg', arg]),
    ...['-t', tag, '-t', `ai-platform-lab/${recipe.name}:${recipe.version}`],
    context,
  ])
}

async function ambient(context: string): Promise<string[]> {
  const dockerfile = await readFile(join(context, 'Dockerfile'), 'utf8')
  const asked = AMBIENT.filter(name => new RegExp(`^ARG ${name}$`, 'm').test(dockerfile))
  return [...asked, ...PROXIES].filter(name => process.env[name])
}

/** The base comes from no image at all: a minimal Debian, made on the host and imported. */
async function buildBase(recipe: Recipe, context: string, tag: string): Promise<void> {
  await ensureMmdebstrap()
  const tar = join(KEPT, 'base.tar')
  await logged(recipe.name, `building (about ${recipe.about})`, ['bash', join(context, 'build.sh'), tar])
  const changes = [...CERTIFICATES.map(name => `ENV ${name}=${BUNDLE}`), 'CMD ["bash"]']
  await $`docker import ${changes.flatMap(change => ['--change', change])} ${tar} ${tag}`
  await $`docker tag ${tag} ai-platform-lab/base:${recipe.version}`
  await rm(tar, { force: true })
}

async function ensureMmdebstrap(): Promise<void> {
  if (await succeeds`command -v mmdebstrap`) return
  if (!(await canInstall())) {
    throw badInput(
      'no image hub answers, and the stand-ins can be built only on Debian or Ubuntu as root',
      'connect to an image hub, or set QDRANT_IMAGE, NEO4J_IMAGE, POSTGRES_IMAGE and MINIO_IMAGE in .env to images you have; then LAB_IMAGES=upstream',
    )
  }
  await refresh()
  await install(
    ['mmdebstrap', 'debian-archive-keyring'],
    'installing mmdebstrap, which makes the base (2 MB)',
  )
}

/** Removes what compilers left behind: build stages of gigabytes that no image needs. */
export async function removeBuildStages(): Promise<void> {
  await attempt`docker image prune --force --filter label=ai-platform.build-stage=true`
}
