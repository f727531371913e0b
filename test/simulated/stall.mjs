// Loaded into a process before it starts: keeps its main thread busy every five seconds, nearly as long as the guard lets pass:
// docs/adr/0016-guard.md.

const STALL_MS = 400;
const EVERY_MS = 5000;

setInterval(() => {
  const endMs = performance.now() + STALL_MS;
  while (performance.now() < endMs);
}, EVERY_MS).unref();
