import { startEmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'

// A program that holds an embedded database until it is killed: `hold-database.ts FOLDER`.
const silent = { info: () => undefined, warn: () => undefined }
const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: silent })
process.stdout.write(`${JSON.stringify({ host: postgres.host, pid: postgres.pid() })}\n`)
setInterval(() => undefined, 60_000)
