import type { ErrorCode, ErrorContext } from "../../lib/errors.js";

/** An order as it comes by MQTT. */
export interface MqttRequest {
  /** Of the asker; the same id again gives the same answer and no second effect. */
  readonly id: string;
  readonly name: string;
  readonly params: unknown;
  readonly by: { readonly way: "mqtt"; readonly who: string };
  readonly expiresUnixMs: number | null;
}

export type MqttAnswer =
  | { readonly id: string; readonly is: "done"; readonly result: unknown }
  | {
      readonly id: string;
      readonly is: "refused";
      readonly code: ErrorCode;
      readonly context: ErrorContext;
    };

/** The only way in for orders. */
export interface Desk {
  /** Never rejects. */
  give(request: MqttRequest): Promise<MqttAnswer>;
}
