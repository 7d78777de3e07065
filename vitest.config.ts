import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Both are the end of what will never pass; whatever a test waits for has an end of its own before.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // One worker less, the default, is one in all on a machine with two cores: the crash test alone would hold it.
    maxWorkers: "100%",
  },
});
