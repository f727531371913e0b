# Packages for boards that keep the kernel and the system of their maker, sourced after root.sh. They bring their own C
# library and loader, so that those of the board, which are older, do not matter.

# By the names that owners know: Debian's.
declare -A OVERLAY_ARCH=([armv7]=armhf [arm64]=arm64)
declare -A OVERLAY_LOADER=([armv7]=ld-linux-armhf.so.3 [arm64]=ld-linux-aarch64.so.1)

# overlay_write NAME FILE
overlay_write() {
  local name=$1 file=$2 arch=${OVERLAY_ARCH[$1]} folder
  folder=$work/overlay-$name/headframe-overlay-$name-$version
  packages_unpack "$arch"
  cross_build "$arch"
  rm -rf "$work/overlay-$name"
  mkdir -p "$folder/files/bin"
  root_libraries "$arch" "$folder/files/lib"
  root_node "$arch" "$folder/files/bin/node"
  root_app "$arch" "$folder/files/app"
  root_program "$folder/files/app"
  root_certificates "$folder/files/ca-certificates.crt"
  root_licences "$arch" "$folder/files/licences"
  echo "$version" >"$folder/version"
  echo "${OVERLAY_LOADER[$name]}" >"$folder/loader"
  cp scripts/image/overlay/{install,uninstall,headframe,supervise} "$folder/"
  root_modes "$folder"
  root_complete "$arch" "$folder/files/bin" "$folder/files/app" "$folder/files/lib"
  root_unless_made "$folder" "$file" overlay_pack
}

# overlay_pack FOLDER FILE
overlay_pack() {
  # With a fixed size of blocks the number of threads does not change the bytes.
  tar c -C "${1%/*}" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "${1##*/}" |
    xz -6 -T2 --block-size=67108864 >"$2"
}
