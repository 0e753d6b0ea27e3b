import ts from 'typescript'

/** The exports of a declaration file that lack a description or an `@example`, with what they lack. */
export function undocumentedExports(file: string): string[] {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    noEmit: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const exported = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (exported === undefined) throw new Error(`${file} exports nothing`)
  return checker.getExportsOfModule(exported).flatMap((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
    const declared = isAlias ? checker.getAliasedSymbol(symbol) : symbol
    const text = ts.displayPartsToString(declared.getDocumentationComment(checker))
    const lacks = [
      ...(text.trim() === '' ? ['a description'] : []),
      ...(declared.getJsDocTags(checker).some(({ name }) => name === 'example')
        ? []
        : ['an @example']),
    ]
    return lacks.length === 0 ? [] : [`${symbol.name} lacks ${lacks.join(' and ')}`]
  })
}
