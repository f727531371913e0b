/** The duty of one group of fans. It stays when the program dies. */
export interface PwmOutput {
  readonly name: string;
  /** 0 to 100; 100 is full speed also where the signal is inverted. @throws PWM_FAILED, FIELD_INVALID */
  setDutyPct(dutyPct: number): Promise<void>;
  /** What the hardware says it was told. @throws PWM_FAILED */
  readDutyPct(): Promise<number>;
  close(): Promise<void>;
}

/** The speed of one fan. */
export interface Tach {
  readonly name: string;
  /** 0 while it stands still. @throws TACH_FAILED */
  readRpm(): Promise<number>;
  close(): Promise<void>;
}
