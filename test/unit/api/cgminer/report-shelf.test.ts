import { equal } from "node:assert/strict";
import { ReportShelf } from "../../../../src/api/cgminer/report-shelf.js";
import { parseRequest, type Request } from "../../../../src/api/cgminer/request.js";
import { vectorPicture } from "./vector-picture.js";

describe("reports that were written already", () => {
  const picture = vectorPicture();
  const text = Buffer.from("text");
  const asked = (request: string): Request => parseRequest(Buffer.from(request));

  it("serve whoever asks the same of the same picture", () => {
    const shelf = new ReportShelf();
    shelf.keep(asked("stats+pools"), "R", picture, text);
    equal(shelf.find(asked("stats+pools\n"), "R", picture), text);
    equal(shelf.find(asked("stats"), "R", picture), undefined);
    equal(shelf.find(asked('{"command":"stats+pools"}'), "R", picture), undefined);
    equal(shelf.find(asked("stats+pools"), "R", vectorPicture()), undefined);
  });

  it("serve nobody of another group", () => {
    const shelf = new ReportShelf();
    shelf.keep(asked("devs"), "R", picture, text);
    equal(shelf.find(asked("devs"), "A", picture), undefined);
  });

  it("are no orders, and nothing with a parameter", () => {
    const shelf = new ReportShelf();
    for (const request of ["pause", "devs+pause", "asc|1", "session", "nonsense", "{"]) {
      shelf.keep(asked(request), "W", picture, text);
      equal(shelf.find(asked(request), "W", picture), undefined, request);
    }
  });

  it("do not pile up", () => {
    const shelf = new ReportShelf();
    const many = Array.from({ length: 100 }, (_, count) => `devs${"+pools".repeat(count)}`);
    for (const request of many) shelf.keep(asked(request), "R", picture, text);
    equal(many.filter((request) => shelf.find(asked(request), "R", picture)).length, 32);
  });
});
