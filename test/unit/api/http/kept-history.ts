import { ManualClock } from "../../../../src/lib/clock.js";
import { History } from "../../../../src/telemetry/history.js";
import type { HttpRig } from "./http-rig.js";

/** A minute of it in the data directory. */
export async function keepHistory({ dataDir, latest }: HttpRig): Promise<void> {
  const clock = new ManualClock();
  const onTrouble = (error: Error): void => {
    throw error;
  };
  const look = (): typeof latest => latest;
  const history = await History.start({
    dataDir,
    clock,
    onTrouble,
    look,
    writtenBytes: () => null,
  });
  await clock.advance(60_000);
  await history.stop();
}
