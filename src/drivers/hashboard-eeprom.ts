/** Identity of a hashboard as its EEPROM tells it. Fields that a format lacks are null. */
export interface HashboardIdentity {
  readonly format: number;
  readonly serial: string;
  /** As printed on the chips. */
  readonly chipMarking: string;
  readonly chipDie: string;
  readonly chipTechnology: string;
  readonly chipBin: number;
  readonly ftVersion: string;
  readonly pcbVersion: number;
  readonly bomVersion: number;
  readonly boardName: string | null;
  readonly factoryJob: string | null;
  readonly voltageMv: number;
  readonly freqMHz: number;
  /** Percent of the nonces found in the factory test. */
  readonly nonceRatePct: number;
  readonly pcbTempInC: number;
  readonly pcbTempOutC: number;
  readonly testVersion: number;
  readonly testStandard: number;
  /** Printed name of the sensors behind the board controller, where the code is known. */
  readonly controllerSensor: string | null;
  readonly asicSensor: string | null;
  /** Results of the factory tests; 1 is passed. Null where the format has none. */
  readonly testResults: readonly { readonly name: string; readonly result: number }[] | null;
}

/** What was found in 256 bytes. */
export type EepromContent =
  | { readonly is: "identity"; readonly identity: HashboardIdentity; readonly keyName: string }
  /** Nothing was ever written. */
  | { readonly is: "blank" }
  /** Not understood: what was tried, and why it is not that. */
  | { readonly is: "unknown"; readonly header: string; readonly reason: string };
