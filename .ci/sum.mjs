/**
 * Adds up vitest's JSON reports and prints `N passed, N failed, N skipped`. A file that could not be loaded, and a suite
 * that left no report or ran no test, count as failed. Exits with 1 where anything failed.
 */
import { existsSync, readFileSync } from "node:fs";

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const path of process.argv.slice(2)) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  if (!report?.numTotalTests) {
    console.log(`no test ran: ${path}`);
    sum.failed += 1;
    continue;
  }
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests;
  sum.skipped += report.numTotalTests - report.numPassedTests - report.numFailedTests;
  for (const { name, status, assertionResults } of report.testResults) {
    if (status !== "failed" || assertionResults.some((test) => test.status === "failed")) continue;
    console.log(`a file of tests failed as a whole: ${name}`);
    sum.failed += 1;
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;
