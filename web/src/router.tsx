import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router'
import {
  parseAlertsSearch,
  parseIngestSearch,
  parseOverviewSearch,
  parseStartSearch,
  parseTraceSearch,
  parseTracesSearch,
} from './lib/page-search.ts'
import { parseSearch, parseViewState, stringifySearch, type ViewState } from './lib/url-state.ts'
import { OverviewPage } from './pages/overview/OverviewPage.tsx'
import { RouteError } from './shell/RouteError.tsx'
import { NotFound } from './shell/NotFound.tsx'
import { Shell } from './shell/Shell.tsx'

const rootRoute = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): ViewState => parseViewState(search),
  search: { middlewares: [retainSearchParams(['t', 'from', 'to', 'tz', 'cmp', 'f'])] },
  notFoundComponent: NotFound,
  errorComponent: RouteError,
})

const overview = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: OverviewPage,
  validateSearch: parseOverviewSearch,
})
const traces = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces',
  component: lazyRouteComponent(() => import('./pages/traces/TracesPage.tsx'), 'TracesPage'),
  validateSearch: parseTracesSearch,
})
const start = createRoute({
  getParentRoute: () => rootRoute,
  path: '/start',
  component: lazyRouteComponent(() => import('./pages/start/StartPage.tsx'), 'StartPage'),
  validateSearch: parseStartSearch,
})
const alerts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./pages/alerts/AlertsPage.tsx'), 'AlertsPage'),
  validateSearch: parseAlertsSearch,
})

const ingest = createRoute({
  getParentRoute: () => rootRoute,
  path: '/ingest',
  component: lazyRouteComponent(() => import('./pages/ingest/IngestPage.tsx'), 'IngestPage'),
  validateSearch: parseIngestSearch,
})

const trace = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$traceId',
  component: lazyRouteComponent(() => import('./pages/trace/TracePage.tsx'), 'TracePage'),
  validateSearch: parseTraceSearch,
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([overview, traces, trace, start, alerts, ingest]),
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultErrorComponent: RouteError,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
