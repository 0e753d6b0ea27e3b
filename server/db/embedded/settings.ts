import type { Listener } from './listener.ts'

/** Given on the command line, so that a new version's settings hold without touching the cluster. */
export function settingsOf(listener: Listener): string[] {
  const usesSocket = listener.host.startsWith('/')
  const settings: Record<string, string> = {
    port: String(listener.port),
    listen_addresses: usesSocket ? '' : listener.host,
    unix_socket_directories: usesSocket ? listener.host : '',
    unix_socket_permissions: '0700',
    max_connections: '50',
    // 200 promises that a span is on disk: these two are never traded for speed.
    fsync: 'on',
    synchronous_commit: 'on',
    shared_buffers: '256MB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    wal_compression: 'on',
    // Compiling costs more than our short queries take.
    jit: 'off',
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A day's partition fills fast and is planned badly until it is analysed.
    autovacuum_naptime: '10s',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
