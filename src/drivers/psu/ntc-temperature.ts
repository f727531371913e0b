/**
 * Raw counts of the sensors inside C1 and C2 supplies at every tenth degree, from the table of the symbolised S21
 * factory tool (NTC_TABLE of single_board_test in HashSource/bitmain_antminer_binaries); between them the straight
 * line stays within a degree of that table.
 */
const POINTS: readonly (readonly [counts: number, tempC: number])[] = [
  [11, -30],
  [20, -20],
  [35, -10],
  [60, 0],
  [97, 10],
  [151, 20],
  [227, 30],
  [325, 40],
  [447, 50],
  [590, 60],
  [747, 70],
  [909, 80],
  [1071, 90],
  [1225, 100],
  [1355, 110],
  [1472, 120],
  [1527, 125],
];

/**
 * Degrees Celsius, to a tenth; undefined below the table, where a sensor is open. Above the table it is the last
 * value, as in the tool: 125 stands for that and more.
 */
export function ntcTempC(counts: number): number | undefined {
  if (counts < (POINTS[0]?.[0] ?? 0)) return undefined;
  let [low, lowC] = POINTS[0] ?? [0, 0];
  for (const [high, highC] of POINTS) {
    if (counts < high)
      return Math.round((lowC + ((counts - low) * (highC - lowC)) / (high - low)) * 10) / 10;
    [low, lowC] = [high, highC];
  }
  return lowC;
}
