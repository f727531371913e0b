import type { RailFacts, RailLimits } from "./rail-facts.js";
import { cutC, SLEW_C_PER_S, worstC } from "./rules/temperatures.js";

/** How long it takes at worst until a powered board is too hot when nobody looks; 0 when one is not known. */
export function spareMs(
  { temperatures, poweredSlots }: Pick<RailFacts, "temperatures" | "poweredSlots">,
  limits: RailLimits,
): number {
  const powered = temperatures.filter(({ slot }) => poweredSlots.includes(slot));
  if (poweredSlots.some((slot) => !powered.some((fact) => fact.slot === slot))) return 0;
  const spareS = powered.map((fact) => {
    const worst = worstC(fact, true) ?? Infinity;
    const slew = fact.isDie ? SLEW_C_PER_S.die : SLEW_C_PER_S.board;
    return (cutC(fact, limits) - worst) / slew;
  });
  return spareS.length === 0 ? 0 : Math.max(0, Math.min(...spareS) * 1000);
}
