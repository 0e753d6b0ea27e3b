import process from 'node:process'

// Loaded into a step of the set-up: an npm that outlived a killed launcher would write into
// node_modules while the next start installs there too.
process.on('disconnect', () => process.exit(1))
process.channel?.unref()
