import { defineConfig } from "vite";

export default defineConfig({
  // "use client" is for frameworks that render on the server; in a page it says nothing.
  build: { rolldownOptions: { checks: { moduleLevelDirective: false } } },
});
