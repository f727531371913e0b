import type { ErrorEntry } from "./error-entry.js";

export const UPDATE_ERRORS = {
  UPDATE_UNAVAILABLE: {
    meaning: "This machine cannot be updated by the program.",
    severity: "warning",
    action:
      "Name the slots in the field update of the configuration; an overlay is replaced by hand.",
  },
  UPDATE_SLOT_UNKNOWN: {
    meaning: "Nobody knows which slot the machine runs from.",
    severity: "fault",
    action: "Look at the file named; the start of the image writes it.",
  },
  UPDATE_CHOICE_UNREADABLE: {
    meaning: "The file that tells which slot to boot is damaged; it was kept.",
    severity: "warning",
    action: "Look at the file named by keptAs; the slot that runs counts as the chosen one.",
  },
  UPDATE_BUSY: {
    meaning: "An update is on its way already.",
    severity: "warning",
    action: "Wait for it, or cancel it: headframe update cancel.",
  },
  UPDATE_UNCONFIRMED: {
    meaning: "The running version is on trial: the other slot holds the only proven one.",
    severity: "warning",
    action: "Wait, or run headframe update confirm or headframe update rollback.",
  },
  UPDATE_NOTHING: {
    meaning: "There is nothing to confirm, cancel or go back to.",
    severity: "warning",
    action: "Look at headframe update status.",
  },
  UPDATE_CANCELLED: {
    meaning: "The update was cancelled.",
    severity: "warning",
    action: "Order it again when it is wanted.",
  },
  UPDATE_DOWNLOAD_FAILED: {
    meaning: "The bundle cannot be downloaded.",
    severity: "warning",
    action: "Check the address and the network, and order it again; what is there is not lost.",
  },
  UPDATE_TOO_LARGE: {
    meaning: "The bundle or what it holds is larger than it may be.",
    severity: "warning",
    action: "Make a smaller image, or raise the limit of the field update where it is the limit.",
  },
  UPDATE_NO_SPACE: {
    meaning: "The data directory has no space for the update.",
    severity: "warning",
    action: "Make space, and order it again.",
  },
  UPDATE_BUNDLE_INVALID: {
    meaning: "The file is no whole bundle.",
    severity: "warning",
    action: "Fetch it again from where it was made.",
  },
  UPDATE_KEY_UNKNOWN: {
    meaning: "The bundle is signed with a key that this machine does not trust.",
    severity: "warning",
    action: "Check where it comes from; headframe keys list tells whom the machine trusts.",
  },
  UPDATE_SIGNATURE_WRONG: {
    meaning: "The signature does not fit the bundle.",
    severity: "warning",
    action: "Do not use it: it was changed after it was signed.",
  },
  UPDATE_WRONG_BOARD: {
    meaning: "The bundle is for another control board.",
    severity: "warning",
    action: "Take the bundle of the board that the facts name.",
  },
  UPDATE_NOT_NEWER: {
    meaning: "The bundle is not newer than what runs.",
    severity: "warning",
    action: "Add --downgrade where that is meant.",
  },
  UPDATE_BELOW_FLOOR: {
    meaning: "The version is below the oldest that this machine may run.",
    severity: "warning",
    action: "Take a newer one: older versions have holes that the maker closed for good.",
  },
  UPDATE_PAYLOAD_WRONG: {
    meaning: "What the bundle holds is not what its manifest says.",
    severity: "warning",
    action: "Fetch it again from where it was made.",
  },
  UPDATE_SLOT_UNWRITABLE: {
    meaning: "The other slot cannot be written; the running one is untouched.",
    severity: "fault",
    action: "Check the device and the permissions of the program.",
  },
  UPDATE_SLOT_DIFFERS: {
    meaning: "The other slot reads back as something else than was written; it is not tried.",
    severity: "fault",
    action: "Try once more; where it happens again the storage is worn out.",
  },
  UPDATE_ROLLED_BACK: {
    meaning: "An update did not prove itself, and the machine runs the former version again.",
    severity: "warning",
    action: "Look at the events of the trial, and tell whoever made the bundle.",
  },
  KEY_INVALID: {
    meaning: "The text is no public key of minisign.",
    severity: "warning",
    action: "Give the line below the comment in the .pub file that minisign made.",
  },
  KEY_UNKNOWN: {
    meaning: "The machine has no key of that id.",
    severity: "warning",
    action: "Look at headframe keys list.",
  },
  KEY_IS_LAST: {
    meaning: "Without this key no update could be installed any more.",
    severity: "warning",
    action: "Add another first, or say --last where that is meant.",
  },
} as const satisfies Record<string, ErrorEntry>;
