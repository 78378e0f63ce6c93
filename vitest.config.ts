/** The test runner's settings: everything under test/ but the browser tests and the benches, which have their own commands. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/bench/**'],
    pool: 'forks', // ONNX Runtime and sharp are native: a process of its own for each file, not a thread
    maxWorkers: '100%', // most files keep one core busy; the default leaves one to the page of a watcher
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/fidelity/reporter.ts'],
  },
});
