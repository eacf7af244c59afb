const { default: Sequencer } = require('@jest/test-sequencer');

/** End-to-end suites start processes and take the longest, unit suites the shortest. */
const ORDER = ['e2e', 'integration', 'unit'];

/** Begins with what takes longest, so that no worker is left with a long suite while the other has nothing to do. */
class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ context }) => ORDER.indexOf(context.config.displayName?.name ?? '');
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}

module.exports = LongestFirst;
