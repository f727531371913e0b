import { round, row, whole } from "./fields.js";
import type { MinerPicture, ProfileFacts } from "./picture.js";
import { success, type Reply } from "./reply.js";

/** Between two profiles, as LuxOS has them. */
const STEP_MHZ = 25;
const DEFAULT = "default";

interface Profile {
  readonly name: string;
  /** From the nominal clock. */
  readonly step: number;
  readonly freqMHz: number;
}

interface ProfileWish {
  readonly name: string;
  /** Of machine.set. */
  readonly params: Readonly<Record<string, number | null>>;
}

/** What the machine may run at; watts and rates are estimates from its nominal figures. */
export function profiles({ profiles: facts }: MinerPicture): Reply {
  const { nominalMHz, nominalGhs, ratedW, volts } = facts;
  const rows = profilesOf(facts).map(({ name, step, freqMHz }) => {
    const share = freqMHz / nominalMHz;
    return row({
      ...{ "Profile Name": name, Step: String(step), Frequency: freqMHz, Voltage: volts },
      Watts: whole(ratedW === undefined ? undefined : ratedW * share),
      Hashrate: round((nominalGhs * share) / 1000, 1),
      IsTuned: false,
    });
  });
  return success(322, "Profiles", "PROFILES", rows);
}

/** What thermal control may do with them: it slows the clock down when the boards are hot, always. */
export function thermalControl({ profiles: facts, orderedMHz }: MinerPicture): Reply {
  const fields = {
    ...{ Enabled: true, MaxProfile: `${round(orderedMHz, 2)}MHz` },
    MinProfile: `${round(facts.minMHz, 2)}MHz`,
  };
  return success(339, "ATM configuration values", "ATM", [fields]);
}

/** `default`, `495MHz`, `+1`, `-1`, `2700W`, `95.5THs`; undefined when it is none of these. */
export function profileWish(text: string, picture: MinerPicture): ProfileWish | undefined {
  const { profiles: facts, orderedMHz } = picture;
  if (text === DEFAULT) return { name: DEFAULT, params: { freqMHz: null } };
  const [, sign, number, unit] = /^([+-]?)(\d{1,6}(?:\.\d{1,3})?)(MHz|W|THs)?$/i.exec(text) ?? [];
  if (number === undefined || (sign === "") !== (unit !== undefined)) return undefined;
  const value = Number(number);
  switch (unit?.toLowerCase()) {
    case "mhz":
      return clock(value);
    case "w":
      return { name: text, params: { powerW: value } };
    case "ths":
      return clock((value * 1000 * facts.nominalMHz) / facts.nominalGhs);
    default:
      return clock(stepped(facts, orderedMHz, sign === "-" ? -value : value));
  }
}

function clock(freqMHz: number): ProfileWish {
  const rounded = round(freqMHz, 2);
  return { name: `${rounded}MHz`, params: { freqMHz: rounded } };
}

function stepped({ minMHz, maxMHz }: ProfileFacts, fromMHz: number, steps: number): number {
  return Math.min(maxMHz, Math.max(minMHz, fromMHz + steps * STEP_MHZ));
}

function profilesOf({ minMHz, nominalMHz, maxMHz }: ProfileFacts): readonly Profile[] {
  const first = Math.ceil((minMHz - nominalMHz) / STEP_MHZ);
  const last = Math.floor((maxMHz - nominalMHz) / STEP_MHZ);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const step = first + index;
    const freqMHz = nominalMHz + step * STEP_MHZ;
    return { name: step === 0 ? DEFAULT : `${freqMHz}MHz`, step, freqMHz };
  });
}
