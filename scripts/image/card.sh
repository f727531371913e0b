# The card of a board whose kernel is ours, sourced after root.sh. No root rights and no loop devices.

CARD_MIB=512 # QEMU wants a power of two
BOOT_MIB=63
SLOT_MIB=96
DATA_MIB=256
# Fixed, so that the same build gives the same bytes.
FAT_ID=48454144
DISK_ID=0x48454144
DATA_ID=6865616d-6672-4164-8000-000000000001

# card_boot BOARD FOLDER: kernel, device tree, initramfs.
card_boot() {
  local folder=$2
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$(kernel_file)" "$folder/kernel"
  board_dtb "$folder/board.dtb"
  card_initramfs "$1" "$work/initramfs-$1"
  node scripts/check/archive.mjs "$work/initramfs-$1" "$work/initramfs.cpio"
  zstd -q -19 --force "$work/initramfs.cpio" -o "$folder/initramfs.cpio.zst"
  board_boot "$folder"
}

# card_initramfs BOARD ROOT: everything that differs from board to board lies here, and slots are the same for all.
card_initramfs() {
  local board=$1 root=$2
  rm -rf "$root"
  mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,data,slot,etc,modules}
  root_busybox "$root"
  cp "$cache/unpacked/armhf/sbin/e2fsck.static" "$root/sbin/e2fsck"
  root_modules "$root/modules" gpio "${MODULES_GPIO[@]}"
  root_modules "$root/modules" storage "${MODULES_STORAGE[@]}"
  root_modules "$root/modules" list "${MODULES[@]}"
  node --import tsx scripts/image/safe-lines.ts "$board" >"$root/etc/safe-lines"
  echo "$board" >"$root/etc/board"
  echo "$SOURCE_DATE_EPOCH" >"$root/etc/build-time"
  root_files initramfs "$root"
  root_modes "$root"
}

# card_write BOOT-FOLDER SLOT FILE
card_write() {
  local boot=$work/boot.fat data=$work/data.ext4 card=$3 start
  rm -f "$boot" "$data" "$card"
  truncate -s "${BOOT_MIB}M" "$boot"
  mkfs.vfat --invariant -F 16 -i "$FAT_ID" -n HEADFRAME "$boot" >/dev/null
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  # In a fixed order; what a first loader reads comes first of all, and lies in one piece.
  (cd "$1" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | card_first |
    while read -r name; do card_copy "$boot" "$name"; done)
  truncate -s "${DATA_MIB}M" "$data"
  # There are no files in it: they would carry the times of this computer.
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -b 4096 -L data -U "$DATA_ID" \
    -E "hash_seed=$DATA_ID,lazy_itable_init=0,lazy_journal_init=0" "$data"
  truncate -s "${CARD_MIB}M" "$card"
  sfdisk --quiet "$card" <<PARTITIONS
label: dos
label-id: $DISK_ID
unit: sectors
start=1MiB, size=${BOOT_MIB}MiB, type=e, bootable
start=$((1 + BOOT_MIB))MiB, size=${SLOT_MIB}MiB, type=83
start=$((1 + BOOT_MIB + SLOT_MIB))MiB, size=${SLOT_MIB}MiB, type=83
start=$((1 + BOOT_MIB + 2 * SLOT_MIB))MiB, size=${DATA_MIB}MiB, type=83
PARTITIONS
  card_place "$boot" 1
  card_place "$2" $((1 + BOOT_MIB))
  card_place "$data" $((1 + BOOT_MIB + 2 * SLOT_MIB))
}

card_first() { awk '$0 == "MLO" { print; next } { rest = rest $0 "\n" } END { printf "%s", rest }'; }

# card_copy FAT NAME: in the folder that holds it.
card_copy() {
  if [[ -d $2 ]]; then
    TZ=UTC mmd -i "$1" "::$2"
  else
    TZ=UTC mcopy -m -i "$1" "$2" "::$2"
  fi
}

# card_place FILE MIB: into the card, with holes where there are zeros.
card_place() { dd if="$1" of="$card" bs=1M seek="$2" conv=notrunc,sparse status=none; }
