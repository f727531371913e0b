import Mocha from "mocha";

/**
 * The reporter `spec`, which tells what was tried a second time and why. A guard that waits half a second rightly cuts the
 * power when the computer under it stops for as long, as shared ones do.
 */
export default class SecondTries extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    let count = 0;
    runner.on("retry", (test, error) => {
      count += 1;
      Mocha.reporters.Base.consoleLog(`    tried again: ${test.fullTitle()}: ${error.stack}`);
    });
    runner.once("end", () => {
      Mocha.reporters.Base.consoleLog(`  ${String(count)} tried again`);
    });
  }
}
