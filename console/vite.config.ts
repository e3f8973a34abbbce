import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// Everything is served from one folder of one address; nothing is inlined, so that the content security policy needs no exception.
export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    outDir: '../build/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` beside a running gateway: the address of its management API in COUNTERSIGN_MANAGEMENT.
  server: {
    proxy: Object.fromEntries(
      ['/v2', '/v3', '/v3.0', '/console/session'].map((path) => [path, process.env.COUNTERSIGN_MANAGEMENT ?? 'http://127.0.0.1:8081']),
    ),
  },
})
