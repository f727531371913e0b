// Writes a folder as a cpio archive, which a kernel takes for its root.
// usage: archive.mjs FOLDER FILE
import { lstatSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

archive(...process.argv.slice(2));

/** The format "newc". Documented: Linux, initramfs/buffer-format.rst. */
function archive(folder, file) {
  const fd = openSync(file, "w");
  const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let inode = 1;
  const put = (name, mode, data, [major, minor] = [0, 0]) => {
    const fields = [inode++, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length + 1, 0];
    const hex = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
    writeSync(fd, padded(Buffer.from(`070701${hex}${name}\0`)));
    writeSync(fd, padded(data));
  };
  const walk = (path) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inside = join(path, name);
      const full = join(folder, inside);
      const status = lstatSync(full);
      if (status.isSymbolicLink()) put(inside, status.mode, Buffer.from(readlinkSync(full)));
      else if (status.isDirectory()) {
        put(inside, status.mode, Buffer.alloc(0));
        walk(inside);
      } else put(inside, status.mode, readFileSync(full));
    }
  };
  walk("");
  put("dev/console", 0o020600, Buffer.alloc(0), [5, 1]);
  put("TRAILER!!!", 0, Buffer.alloc(0));
}
