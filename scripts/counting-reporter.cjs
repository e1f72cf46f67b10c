// Mocha's spec reporter, which also writes how many tests passed and failed to the file that NETKIT_RESULTS names, and
// lets no test leave something behind that keeps the process alive.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

/** How long what the tests have begun may take to end, in milliseconds. */
const PATIENCE = 15_000;

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = runner.stats;
      count(passes, failures);
      setTimeout(() => {
        count(passes, failures + 1);
        complain();
      }, PATIENCE).unref();
    });
  }
};

function count(passes, failures) {
  writeFileSync(process.env['NETKIT_RESULTS'], `${passes} ${failures}\n`);
}

function complain() {
  const left = process.getActiveResourcesInfo().filter((name) => !['PipeWrap', 'TTYWrap'].includes(name));
  console.error(`The tests are over, and the process is not: they have left ${left.join(', ') || 'something'} behind.`);
  process.exit(1);
}
