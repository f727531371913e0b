/**
 * Evidence, in nats, at which an alarm is raised. Every look starts a test anew beside those that run, so a false
 * alarm has (looks) x (tests) chances of at most e^-26 each (Ville's inequality; docs/adr/0010-credit-watch.md): ten
 * years of minutes are 5.3e6 looks, three chains of 110 chips with 32 pools run 1,223 tests, and
 * 5.3e6 x 1,223 x e^-26 = 3.3 %. With one pool and one chip it is 0.04 %.
 */
export const ALARM_NATS = 26;
/** Evidence counts no further, so that an alarm ends in a foreseeable time after its cause. */
const MAX_NATS = ALARM_NATS + 6;
/** An alarm ends when the evidence has fallen so far. */
const CLEAR_NATS = ALARM_NATS / 2;

/** What a test saw since its evidence began to grow. */
export interface Shortfall {
  /** Looks since then. */
  readonly looks: number;
  readonly promised: number;
  readonly seen: number;
}

/** One suspicion: the logarithm of how much better it explains what was seen, since the time that suits it best. */
interface Suspicion {
  readonly perPromised: number;
  readonly perSeen: number;
  nats: number;
  looks: number;
  promised: number;
  seen: number;
}

/** `perPromised` x promised + `perSeen` x seen is what a look adds to the evidence; its exponential has mean <= 1. */
interface Weights {
  readonly perPromised: number;
  readonly perSeen: number;
}

/**
 * Watches whether less is seen than was promised, look after look, for ever: a cumulative sum of likelihood ratios
 * for each suspected shortfall. Needs no window: it begins wherever a shortfall begins.
 */
class ShortfallTest {
  readonly #suspicions: readonly Suspicion[];
  #isAlarmed = false;

  constructor(weights: readonly Weights[]) {
    const empty = { nats: 0, looks: 0, promised: 0, seen: 0 };
    this.#suspicions = weights.map((weight) => ({ ...weight, ...empty }));
  }

  get isAlarmed(): boolean {
    return this.#isAlarmed;
  }

  /** The strongest evidence, nats. */
  get nats(): number {
    let most = 0;
    for (const { nats } of this.#suspicions) if (nats > most) most = nats;
    return most;
  }

  /** What the strongest suspicion rests on. */
  get shortfall(): Shortfall {
    const nats = this.nats;
    const strongest = this.#suspicions.find((suspicion) => suspicion.nats === nats);
    const { looks, promised, seen } = strongest ?? { looks: 0, promised: 0, seen: 0 };
    return { looks, promised, seen };
  }

  /** What was promised and seen since the last look. True when this look raises the alarm. */
  look(promised: number, seen: number): boolean {
    for (const suspicion of this.#suspicions) {
      const step = promised * suspicion.perPromised + seen * suspicion.perSeen;
      suspicion.nats = Math.min(MAX_NATS, suspicion.nats + step);
      suspicion.looks += 1;
      suspicion.promised += promised;
      suspicion.seen += seen;
      if (suspicion.nats > 0) continue;
      suspicion.nats = suspicion.looks = suspicion.promised = suspicion.seen = 0;
    }
    const wasAlarmed = this.#isAlarmed;
    this.#isAlarmed = this.nats >= (wasAlarmed ? CLEAR_NATS : ALARM_NATS);
    return this.#isAlarmed && !wasAlarmed;
  }
}

/** Shares that the nonces promised and that were not found: parts of them that are looked for. */
const MISSING_PARTS = [0.02, 0.1, 0.5] as const;

/**
 * Shares found against what verified nonces promise. Given the nonces, each is a share with chance p, the ratio of
 * the targets, by itself; for any such numbers the mean of exp(q x sum of p) x (1 - q)^found is at most 1.
 */
export class MissingShares extends ShortfallTest {
  constructor() {
    super(MISSING_PARTS.map((part) => ({ perPromised: part, perSeen: Math.log(1 - part) })));
  }
}

/** Refused shares that are nobody's fault: stale at a new block, lost with a connection. Decided. */
const TOLERATED_REFUSALS = 0.01;
/** Parts of the shares that a pool may keep back. */
const REFUSED_PARTS = [0.02, 0.05, 0.2, 0.5] as const;

/**
 * Shares accepted against shares answered, or given up. No chance is in it but that of stale shares: as long as a
 * share is refused with a chance of at most 1 %, the mean of each step's exponential is at most 1.
 */
export class RefusedShares extends ShortfallTest {
  constructor() {
    super(
      REFUSED_PARTS.map((part) => {
        const perRefused = Math.log(part / TOLERATED_REFUSALS);
        const perAccepted = Math.log((1 - part) / (1 - TOLERATED_REFUSALS));
        return { perPromised: perRefused, perSeen: perAccepted - perRefused };
      }),
    );
  }
}
