/** What the practice ground needs before it can start: Docker with Compose v2, images, `.env`. */
export { ensureDocker } from './docker.ts'
export { ensureEnv } from './env.ts'
export { ensureBrowser, ensureImages, ensureMonitoring, type ImageChoice } from './images.ts'
