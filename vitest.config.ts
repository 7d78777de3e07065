import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // One worker less, the default, is one in all on a machine with two cores: the crash test alone would hold it.
    maxWorkers: "100%",
  },
});
