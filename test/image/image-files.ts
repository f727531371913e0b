/** What boots: files of scripts/build-image. */
export interface ImageFiles {
  readonly kernel: string;
  readonly dtb: string;
  readonly initramfs: string;
  readonly card: string;
  /** The root file system, as it is in the card's first slot. */
  readonly slot: string;
}

/** As scripts/test-image names them. */
export function imageFiles(env: NodeJS.ProcessEnv): ImageFiles {
  const { KERNEL, DTB, INITRAMFS, CARD, SLOT } = env;
  if (!KERNEL || !DTB || !INITRAMFS || !CARD || !SLOT)
    throw new Error(
      "KERNEL, DTB, INITRAMFS, CARD and SLOT say what boots: scripts/test-image does",
    );
  return { kernel: KERNEL, dtb: DTB, initramfs: INITRAMFS, card: CARD, slot: SLOT };
}
