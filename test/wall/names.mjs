// Loaded into a controller before it starts: host names come from a JSON file {name: [addresses]} and nowhere
// else. A name that is not in it does not exist. The file is read for every question.
import dns from "node:dns";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isIP } from "node:net";

const file = process.env["WALL_NAMES"] ?? "";

function addressesOf(name) {
  if (isIP(name) !== 0) return [name];
  return JSON.parse(readFileSync(file, "utf8"))[name] ?? [];
}

function answer(name, options) {
  const wanted = typeof options === "number" ? { family: options } : (options ?? {});
  const family = { IPv4: 4, IPv6: 6 }[wanted.family] ?? wanted.family ?? 0;
  const found = addressesOf(name)
    .map((address) => ({ address, family: isIP(address) }))
    .filter((each) => family === 0 || each.family === family);
  if (found.length > 0) return wanted.all === true ? found : found[0];
  const error = new Error(`getaddrinfo ENOTFOUND ${name}`);
  throw Object.assign(error, { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: name });
}

dns.lookup = (name, options, callback) => {
  const done = typeof options === "function" ? options : callback;
  setImmediate(() => {
    let found;
    try {
      found = answer(name, typeof options === "function" ? undefined : options);
    } catch (error) {
      done(error);
      return;
    }
    if (Array.isArray(found)) done(null, found);
    else done(null, found.address, found.family);
  });
};
dns.promises.lookup = async (name, options) => answer(name, options);
syncBuiltinESMExports();
