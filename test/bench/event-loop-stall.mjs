// Loaded into the controller by `node --import`: its main thread hangs now and then.
// Nearly as long as the guard lets pass: docs/adr/0016-guard.md.
const STALL_MS = 400;
const INTERVAL_MS = 5000;

const nothing = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => {
  Atomics.wait(nothing, 0, 0, STALL_MS);
}, INTERVAL_MS).unref();
