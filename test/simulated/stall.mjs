// Loaded into a process before it starts: keeps its main thread busy for half a second, every five seconds.

const STALL_MS = 500;
const EVERY_MS = 5000;

setInterval(() => {
  const endMs = performance.now() + STALL_MS;
  while (performance.now() < endMs);
}, EVERY_MS).unref();
