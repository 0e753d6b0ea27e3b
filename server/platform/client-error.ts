import type { Socket } from 'node:net'

/**
 * What Node calls a client error: a request that is no HTTP is answered 400, one that came too
 * slowly is cut off without a word, as OTLP senders do not send again what was answered 408.
 */
export function endBrokenRequest(error: Error, socket: Socket): void {
  const code = 'code' in error ? String(error.code) : ''
  if (!code.startsWith('HPE_') || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = JSON.stringify({ code: 3, message: `the request is no valid HTTP: ${code}` })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  )
}
