/** What has to be done for orders when nobody asks; driven by a worker. Each call may run in several processes at once and be repeated. */
export abstract class OrderUpkeep {
  /** Decides orders whose moment has passed without a decision: their process ended. Returns how many it decided. */
  abstract reapDue(now: Date): Promise<number>;

  /** Ends gtd orders whose time has run out. Returns how many it ended. */
  abstract expireDue(now: Date): Promise<number>;
}
