/** Another program that has a name already. usage: node --import tsx announce-other.ts NAME PORT */
import { loadCiao } from "../../../../src/api/mdns/load-ciao.js";

const [, , name = "", port = ""] = process.argv;
const { getResponder } = await loadCiao();
const service = getResponder({ interface: ["lo"] }).createService({
  ...{ name, hostname: `${name}.local`, type: "headframe", port: Number(port) },
});
// A name of its own is no news to anybody here.
service.on("name-change", () => undefined);
service.on("hostname-change", () => undefined);
await service.advertise();
process.stdout.write("announced\n");
