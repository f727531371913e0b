# What is told of a build, sourced last.

# report_sizes ROOT SLOT: part by part, as it lies there and compressed. Node is what the others leave of the slot.
report_sizes() {
  local root=$1 whole rest part
  whole=$(($(stat -c %s "$2") / 1024))
  rest=$whole
  printf '%-58s %10s %15s\n' part 'on disk, kB' 'compressed, kB'
  report_part 'C and C++ libraries' lib
  report_part 'BusyBox, setpriv, ntpd' bin/busybox bin/setpriv sbin/ntpd
  report_part 'bundle of the program' app/dist
  report_part 'addon, companion, i2c-bus, onoff' app/build app/node_modules
  report_part 'hardware data' app/boards
  report_part 'certificates' etc/ssl
  report_part 'licences' usr/share/licences
  report_line Node "$(report_kb "$root/bin/node")" "$rest"
  report_line 'slot, whole' "$(report_kb "$root")" "$whole"
  for part in "$out"/*-boot/* "$out"/*.tar.xz; do
    if [[ -f $part ]]; then report_line "${part#"$out/"}" '' "$(report_kb "$part")"; fi
  done
}

report_line() { printf '%-58s %10s %15s\n' "$@"; }
report_kb() { du -ck --apparent-size "$@" | tail -n 1 | cut -f 1; }

# Takes its size off what is left.
report_part() {
  local name=$1 small
  shift
  small=$(($(tar c -C "$root" "$@" | zstd -q -19 | wc -c) / 1024))
  rest=$((rest - small))
  report_line "$name" "$(cd "$root" && report_kb "$@")" "$small"
}

# report_sbom ARCH=ROOT...
report_sbom() {
  npm sbom --sbom-format cyclonedx --omit dev --omit optional 2>"$cache/sbom.log" |
    node --import tsx scripts/image/sbom.ts "$version" "$SOURCE_DATE_EPOCH" "$taken" "$cache/unpacked" "$cache/node" "$@" \
      >"$out/sbom.cdx.json"
}

report_sums() {
  (cd "$out" && find . -type f -not -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum >SHA256SUMS)
}

# Builds the last commit twice, in two places and with another umask, and names the first file that is not the same.
# What was fetched is used by both.
report_reproducible() {
  local copies name copy commit
  commit=$(git rev-parse HEAD)
  copies=$(mktemp -d)
  trap 'rm -rf "$copies"' EXIT
  for name in one another/place; do
    copy=$copies/$name
    mkdir -p "$copy/build/image-parts"
    git archive "$commit" | tar x -C "$copy"
    cp -r node_modules "$copy/"
    cp -r "$cache/packages" "$copy/build/image-parts/"
    (if [[ $name == one ]]; then umask 077; fi && "$copy/scripts/build-image" "${what[@]}" --out "$copy/out") >"$cache/reproducible.log" 2>&1 ||
      { cat "$cache/reproducible.log" >&2; return 1; }
  done
  report_same "$copies/one" "$copies/another/place"
}

# report_same CHECKOUT CHECKOUT: what a card or an archive is made of comes before it.
report_same() {
  local place line
  for place in build/image-parts/work out; do
    line=$(diff <(report_files "$1/$place") <(report_files "$2/$place") | grep -m 1 '^[<>]' || true)
    [[ -z $line ]] || die "not reproducible: $place/${line##* }"
  done
  say "two builds are the same: $(report_files "$1/out" | wc -l) files"
}

report_files() { (cd "$1" && find . -type f -not -name '*.print*' -printf '%P\0' | sort -z | xargs -0 sha256sum); }
