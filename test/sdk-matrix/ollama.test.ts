import { describeMatrix } from './describe-matrix.ts'
import { ollamaCases } from './ollama-cases.ts'
import { OLLAMA_CLIENTS, startHeldOllama } from './ollama-setting.ts'
import { ollamaStreamCases } from './ollama-stream-cases.ts'

describeMatrix({
  title: 'Ollama',
  clients: OLLAMA_CLIENTS,
  cases: [...ollamaCases, ...ollamaStreamCases],
  startHeld: startHeldOllama,
})
