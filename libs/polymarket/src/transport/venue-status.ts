import { Clock } from '@app/platform';
import { VENUE_FAMILIES, VenueFamily } from './venue-errors';

export interface FamilyStatus {
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  /** Why the last failed call failed; kept after later successes. */
  lastError: string | null;
}

export interface ProbeResult {
  reachable: boolean;
  latencyMs: number;
  error: string | null;
}

/** How one family's probe is made; throws when the family cannot be reached. */
export type FamilyProbe = (family: VenueFamily) => Promise<void>;

/** What this process knows of the venue's health from its own calls. */
export class VenueStatus {
  readonly families: Record<VenueFamily, FamilyStatus> = {
    gamma: { lastSuccessAt: null, lastFailureAt: null, lastError: null },
    clob: { lastSuccessAt: null, lastFailureAt: null, lastError: null },
    data: { lastSuccessAt: null, lastFailureAt: null, lastError: null },
  };
  /** Whether answers come from a simulated venue (header `x-simulated`); null before the first answer. */
  simulated: boolean | null = null;
  private probeFamily: FamilyProbe | null = null;

  constructor(private readonly clock: Clock) {}

  /** Asks each family for something small, all at once and without retries; never throws. */
  async probe(): Promise<Record<VenueFamily, ProbeResult>> {
    const results = await Promise.all(
      VENUE_FAMILIES.map(async (family) => [family, await this.probeOne(family)] as const),
    );
    return Object.fromEntries(results) as Record<VenueFamily, ProbeResult>;
  }

  /** Sets how {@link probe} asks; called once by the client that owns the connections. */
  probeWith(probe: FamilyProbe): void {
    this.probeFamily = probe;
  }

  recordSuccess(family: VenueFamily, simulated: boolean): void {
    this.families[family].lastSuccessAt = this.clock.now();
    this.simulated = simulated;
  }

  recordFailure(family: VenueFamily, error: string): void {
    this.families[family].lastFailureAt = this.clock.now();
    this.families[family].lastError = error;
  }

  private async probeOne(family: VenueFamily): Promise<ProbeResult> {
    const startedAt = this.clock.now().getTime();
    const latencyMs = (): number => this.clock.now().getTime() - startedAt;
    try {
      await this.probeFamily?.(family);
      return { reachable: true, latencyMs: latencyMs(), error: null };
    } catch (error) {
      return {
        reachable: false,
        latencyMs: latencyMs(),
        error: error instanceof Error ? error.message : String(error),
      };
    }
  }
}
