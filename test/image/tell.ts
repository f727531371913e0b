/** A figure of a run, for whoever reads its output. */
export function tell(what: string, figure: unknown): void {
  process.stdout.write(`    ${what}: ${JSON.stringify(figure)}\n`);
}
