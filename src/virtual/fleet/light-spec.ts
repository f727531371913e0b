/** What a light miner stands for: the machine's data, and how its supply tells that it is off. */
export interface LightSpec {
  /** Name of the machine's file. */
  readonly machine: string;
  readonly version: string;
  readonly chains: number;
  /** Of each chain. */
  readonly chips: number;
  readonly chipMarking: string;
  readonly freqMHz: number;
  readonly railMv: number | null;
  readonly hashrateThs: number;
  readonly powerW: number;
  readonly supply: string;
  readonly fans: { readonly count: number; readonly fullRpm: number };
  /** The supply measures an empty output so long after it was switched off; null: it cannot. */
  readonly confirmMs: number | null;
}
