import { readdirSync } from 'node:fs'

/**
 * Who may import whom. What each slice may use of the others; a new slice states its line here.
 * The domain type in `spans/span.ts` and the mapping in `projects/slot.ts` are open to all.
 */
const SLICES = {
  projects: [],
  spans: [],
  enrich: [],
  rollups: [],
  'otel-metrics': ['rollups'],
  ledger: ['spans', 'rollups'],
  live: [],
  scores: ['spans', 'rollups', 'live'],
  releases: ['live'],
  views: [],
  sessions: [],
  users: [],
  costs: ['enrich', 'spans', 'rollups'],
  budgets: ['costs', 'rollups'],
  export: ['spans', 'rollups'],
  explain: ['spans', 'rollups'],
  ingest: [
    'projects',
    'spans',
    'enrich',
    'rollups',
    'otel-metrics',
    'ledger',
    'scores',
    'releases',
    'live',
  ],
  drift: ['spans', 'rollups'],
  alerts: ['rollups', 'drift', 'live'],
  canary: ['ledger', 'alerts', 'live'],
}
const NOT_SLICES = ['bootstrap', 'contract', 'db', 'platform', 'node_modules']

/** Pure: data in, data out. Tests of these may do as they like. */
const PURE = [
  'server/ingest/(decode-[^/]+|normalise)[.]ts$',
  'server/ingest/dialects/',
  'server/enrich/',
  'server/rollups/(bucket|sketch|packed-row|fold-spans)[.]ts$',
  'server/drift/(statistics/|score-drift[.]ts$)',
  'server/alerts/(step|condition|backtest)[.]ts$',
  'server/live/coalesce[.]ts$',
].join('|')

const TESTS = '[.](test|spec)[.]tsx?$'
const NODE_IO =
  '^(node:)?(fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster)(/|$)'
const ROUTES = '[/-]routes[.]ts$'

const unlisted = readdirSync(new URL('server', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => !(name in SLICES) && !NOT_SLICES.includes(name))
if (unlisted.length > 0) {
  throw new Error(`.dependency-cruiser.mjs: no line yet for the slices ${unlisted.join(', ')}`)
}

function npm(name) {
  return `node_modules/(@types/)?${name}/`
}

function onlyIn({ name, packages, homes }) {
  return {
    name: `edges-${name}`,
    comment: `${packages.join(', ')} only in ${homes}`,
    severity: 'error',
    from: { path: '^(server|web)/', pathNot: [homes, TESTS].flat() },
    // A type couples nothing at run time.
    to: { path: packages.map(npm), dependencyTypesNot: ['type-only'] },
  }
}

const sliceRules = Object.entries(SLICES).map(([slice, allowed]) => ({
  name: `slice-order-${slice}`,
  comment: `${slice} may use ${allowed.join(', ') || 'no other slice'}`,
  severity: 'error',
  from: { path: `^server/${slice}/`, pathNot: TESTS },
  to: {
    path: `^server/(${Object.keys(SLICES).join('|')})/`,
    pathNot: [
      `^server/(${[slice, ...allowed].join('|')})/`,
      '^server/(spans/span|projects/slot)[.]ts$',
    ],
  },
}))

export default {
  forbidden: [
    {
      name: 'contract-leaf',
      comment: 'the contract is all that the dashboard may see: zod and itself',
      severity: 'error',
      from: { path: '^server/contract/', pathNot: TESTS },
      to: { pathNot: ['^server/contract/', npm('zod')] },
    },
    {
      name: 'platform-low',
      comment: 'platform knows no slice',
      severity: 'error',
      from: { path: '^server/platform/', pathNot: TESTS },
      to: { path: '^(server|web|sdk|test)/', pathNot: '^server/(contract|platform)/' },
    },
    ...sliceRules,
    {
      name: 'pure-core',
      severity: 'error',
      from: { path: `^(${PURE})`, pathNot: TESTS },
      to: {
        path: [
          '^server/db/',
          '^server/platform/log[.]ts$',
          ...['express', 'socket[.]io', 'postgres', 'pg'].map(npm),
          NODE_IO,
        ],
      },
    },
    onlyIn({
      name: 'express',
      packages: ['express'],
      homes: ['^server/app[.]ts$', '^server/platform/', ROUTES],
    }),
    onlyIn({ name: 'socket-io', packages: ['socket[.]io'], homes: '^server/live/socket' }),
    onlyIn({ name: 'postgres', packages: ['postgres'], homes: '^server/db/client[.]ts$' }),
    onlyIn({ name: 'pg', packages: ['pg'], homes: '^server/db/(copy[^/]*|embedded/probe)[.]ts$' }),
    onlyIn({ name: 'recharts', packages: ['recharts'], homes: '^web/src/charts/' }),
    {
      name: 'top-routes',
      comment: 'routes are mounted by their own slice and where the server is put together',
      severity: 'error',
      from: { path: '^[^/]+/([^/]+)/', pathNot: ['^test/', TESTS] },
      to: { path: ROUTES, pathNot: ['^server/platform/', '^server/$1/'] },
    },
    {
      name: 'top-app',
      severity: 'error',
      from: { pathNot: ['^server/(main|start)[.]ts$', '^test/', TESTS] },
      to: { path: '^server/(app|main)[.]ts$' },
    },
    {
      name: 'top-context',
      comment:
        'a function takes what it needs; the whole context goes to routes, ticks and sockets only',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot: [
          '^server/(app|main|start)[.]ts$',
          ROUTES,
          '/[^/]*evaluat[^/]*[.]ts$',
          '^server/live/socket',
          TESTS,
        ],
      },
      to: { path: '^server/context[.]ts$' },
    },
    {
      name: 'web-contract',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(server|sdk|test)/', pathNot: '^server/contract/index[.]ts$' },
    },
    {
      name: 'web-contract-by-package',
      comment: 'the contract is imported as @sightline/server/contract',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^server/', dependencyTypes: ['local'] },
    },
    {
      name: 'web-layers',
      severity: 'error',
      from: { path: '^web/src/(charts|ui|lib)/', pathNot: TESTS },
      to: { path: '^web/src/(api|live|pages)/' },
    },
    {
      name: 'web-pages-apart',
      severity: 'error',
      from: { path: '^web/src/pages/([^/]+)/', pathNot: TESTS },
      to: { path: '^web/src/pages/', pathNot: '^web/src/pages/$1/' },
    },
    {
      name: 'sdk-alone',
      comment: 'old SDKs stay in the field, so the wire is the contract and no code is shared',
      severity: 'error',
      // The bundler's script runs at build time alone.
      from: { path: '^sdk/', pathNot: [TESTS, '^sdk/bundle[.]mjs$'] },
      to: {
        pathNot: ['^sdk/', 'node_modules/@opentelemetry/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'sdk-for-tests-as-built',
      severity: 'error',
      from: { pathNot: '^sdk/' },
      to: { path: '^sdk/', pathNot: '^sdk/(dist/|package[.]json$)' },
    },
    {
      name: 'sdk-for-tests-only',
      severity: 'error',
      from: { path: '^(server|web)/' },
      to: { path: '^sdk/' },
    },
    {
      name: 'test-last',
      severity: 'error',
      from: { path: '^(server|web|sdk)/', pathNot: TESTS },
      to: { path: '^test/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          TESTS,
          '/end-with-parent[.]mjs$',
          '[.]d[.]m?ts$',
          '[.]config[.]ts$',
          '^sdk/dist/',
          '^web/dist/',
        ],
      },
      to: {},
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^(server|web/src|sdk/src)/', pathNot: [TESTS, '[.]d[.]m?ts$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '/@types/' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // The variants of the benchmark run beside packages that are installed for it alone.
    exclude: { path: ['^web/dist/', '^test/fixtures/', '^test/bench/sdk/rivals/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
