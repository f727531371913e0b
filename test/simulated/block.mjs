// Loaded into a process before it starts: SIGHUP blocks its main thread for four seconds.

const BLOCK_MS = 4000;

process.on("SIGHUP", () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
});
