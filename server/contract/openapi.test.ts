import { expect, test } from 'vitest'
import { openApiDocument } from './openapi.ts'

type Document = {
  openapi: string
  paths: Record<string, Record<string, { parameters: { name: string }[] }>>
  components: { schemas: Record<string, { required?: string[] }> }
}

const document = openApiDocument() as Document

test('every reference leads to a schema of the document', () => {
  const text = JSON.stringify(document)
  const names = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '')

  expect(names.length).toBeGreaterThan(20)
  for (const name of names) {
    expect(Object.keys(document.components.schemas)).toContain(
      name.replace('#/components/schemas/', ''),
    )
  }
})

test('it describes the calls of the contract with their parameters', () => {
  const traces = document.paths['/traces']?.['get']

  expect(document.openapi).toBe('3.1.0')
  expect(traces?.parameters.map((parameter) => parameter.name)).toEqual([
    'from',
    'to',
    'f',
    'limit',
    'cursor',
    'sort',
    'project',
  ])
  expect(document.components.schemas['TraceSummary']?.required).toContain('segments')
})
