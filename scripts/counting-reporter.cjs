// Mocha's spec reporter, which also writes how many tests passed and failed to the file that NETKIT_RESULTS names.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = runner.stats;
      writeFileSync(process.env['NETKIT_RESULTS'], `${passes} ${failures}\n`);
    });
  }
};
