import type { Dialect } from './dialect.ts'

/**
 * What Langfuse's span processor and its users write on spans of any other sender: session, user
 * and tags of the trace, the prompt in use.
 */
export const langfuseTrace: Dialect = {
  name: 'langfuse-trace',
  isBase: true,
  markers: [
    'langfuse.session.id',
    'langfuse.user.id',
    'langfuse.trace.name',
    'langfuse.trace.tags',
    'langfuse.environment',
    'langfuse.release',
    'langfuse.observation.prompt.name',
  ],
  fields: {
    sessionId: ['langfuse.session.id'],
    userId: ['langfuse.user.id'],
    tags: ['langfuse.trace.tags'],
    promptName: ['langfuse.observation.prompt.name'],
    promptVersion: ['langfuse.observation.prompt.version'],
    environment: ['langfuse.environment'],
    release: ['langfuse.release'],
  },
}
