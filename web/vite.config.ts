import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = 'http://127.0.0.1:4318'

export default defineConfig({
  plugins: [react()],
  build: {
    // The page's CSP allows fonts from our own origin only, so nothing may be inlined as data:.
    assetsInlineLimit: 0,
    target: 'es2023',
    sourcemap: false,
  },
  server: {
    proxy: {
      '/api': server,
      '/sdk.tgz': server,
      '/socket.io': { target: server, ws: true },
    },
  },
})
