/** Where the kernel shows what it has; other folders in tests. */
export interface LinuxPaths {
  readonly sys: string;
  readonly dev: string;
  readonly proc: string;
}

export function linuxPaths(deviceDir: string): LinuxPaths {
  return { sys: "/sys", dev: deviceDir, proc: "/proc" };
}
