import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The pages go where the web server looks for them; a running `flowrt run` answers `npm run dev`. */
export default defineConfig({
  plugins: [react()],
  // RJSF's index names a validator that it uses in its own tests only; ours takes its place.
  resolve: { alias: { "@rjsf/validator-ajv8": "/src/form/validator.ts" } },
  build: {
    outDir: "../flowrt/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8420", ws: true } } },
  test: { include: ["src/**/*.test.ts"] },
});
