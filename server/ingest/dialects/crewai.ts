import type { Dialect } from './dialect.ts'

/** CrewAI as OpenLLMetry instruments it: crews, agents and tasks around the calls. */
export const crewai: Dialect = {
  name: 'crewai',
  markers: ['crewai.crew.id', 'crewai.agent.role', 'crewai.task.id'],
  scope: /^opentelemetry\.instrumentation\.crewai/,
  reads: ['gen_ai.request.model'],
  fields: { agentName: ['crewai.agent.role', 'crewai.task.agent'] },
  fallbackType: (view) => {
    const { name } = view.span
    if (name.endsWith('.llm') && view.value('gen_ai.request.model') !== undefined) return 'llm'
    if (name.endsWith('.agent')) return 'agent'
    return name.endsWith('.task') || name === 'crewai.workflow' ? 'chain' : null
  },
}
