import { join } from 'node:path'
import ts from 'typescript'

type Consumer = {
  /** Where the application would lie, beside its `node_modules`. */
  readonly folder: string
  readonly compilerOptions: {
    readonly module: string | undefined
    readonly moduleResolution: string | undefined
  }
}

/** What TypeScript minds about an application's file, and about the types of what it imports. */
export function typeErrorsOf(source: string, { folder, compilerOptions }: Consumer): string[] {
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      target: 'es2022',
      lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      ...compilerOptions,
    },
    folder,
  )
  const file = join(folder, 'app.mts')
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true)
      : read(name, ...rest)
  const exists = host.fileExists.bind(host)
  host.fileExists = (name) => name === file || exists(name)
  host.getCurrentDirectory = () => folder
  const program = ts.createProgram([file], options, host)
  return [...errors, ...ts.getPreEmitDiagnostics(program)].map((diagnostic) => {
    const place = diagnostic.file?.fileName ?? 'options'
    return `${place}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
  })
}
