import type { HashboardIdentity } from "../hashboard-eeprom.js";
import type { FieldsOf } from "./fields.js";
import type { OneRegionLayout } from "./one-region-formats.js";
import { sensorPartOfCode } from "./sensor-codes.js";
import type { BoardLayout, SweepLayout, TestLayout } from "./three-region-formats.js";

export function identityOfOneRegion(fields: FieldsOf<OneRegionLayout>): HashboardIdentity {
  return {
    format: fields.format,
    ...boardPart(fields),
    ...testPart(fields),
    boardName: null,
    factoryJob: null,
    testResults: null,
  };
}

/** @param sweep null where the format or the board has none */
export function identityOfThreeRegions(
  format: number,
  board: FieldsOf<BoardLayout>,
  test: FieldsOf<TestLayout>,
  sweep: FieldsOf<SweepLayout> | null,
): HashboardIdentity {
  return {
    format,
    ...boardPart(board),
    ...testPart(test),
    boardName: board.boardName,
    factoryJob: board.factoryJob,
    testResults: [
      { name: "PT1", result: board.pt1Result },
      { name: "PT2", result: test.pt2Result },
      ...(sweep === null ? [] : [{ name: "sweep", result: sweep.sweepResult }]),
    ],
  };
}

type BoardPart = Omit<
  HashboardIdentity,
  "format" | "boardName" | "factoryJob" | "testResults" | keyof ReturnType<typeof testPart>
>;

function boardPart(fields: FieldsOf<BoardLayout> | FieldsOf<OneRegionLayout>): BoardPart {
  return {
    serial: fields.serial,
    chipMarking: fields.chipMarking,
    chipDie: fields.chipDie,
    chipTechnology: fields.chipTechnology,
    chipBin: fields.chipBin,
    ftVersion: fields.ftVersion,
    pcbVersion: fields.pcbVersion,
    bomVersion: fields.bomVersion,
    controllerSensor: sensorPartOfCode(fields.controllerSensorCode),
    asicSensor: sensorPartOfCode(fields.asicSensorCode),
  };
}

function testPart(fields: FieldsOf<TestLayout> | FieldsOf<OneRegionLayout>) {
  return {
    voltageMv: fields.voltageX100 * 10,
    freqMHz: fields.freqMHz,
    nonceRatePct: fields.nonceRateX100 / 100,
    pcbTempInC: fields.pcbTempInC,
    pcbTempOutC: fields.pcbTempOutC,
    testVersion: fields.testVersion,
    testStandard: fields.testStandard,
  } as const;
}
