# The packages of other makers that images are made of, sourced from the root of the checkout: fetched, compared with
# scripts/image/packages.lock and unpacked.

cache=$PWD/build/image-parts
lock=scripts/image/packages.lock
# What this build takes: the lock, but for what the mirror has newer with --take-newer.
taken=$cache/packages.lock

say() { echo "image: $*" >&2; }
die() { say "$@"; exit 1; }

# packages_fetch [take-newer]: every package of the lock into the cache, each with the locked hash.
packages_fetch() {
  local kind arch name version hash
  mkdir -p "$cache/packages"
  : >"$taken.new"
  while read -r kind arch name version hash; do
    if ! package_is_right "$(package_file "$kind" "$arch" "$name" "$version")" "$hash"; then
      "fetch_$kind" "$arch" "$name" "$version" "$hash" || package_missing "$@" || return 1
    fi
    echo "$kind $arch $name $version $hash" >>"$taken.new"
  done < <(lock_lines)
  mv "$taken.new" "$taken"
}

lock_lines() { grep -v '^#' "$lock"; }

# Reads the variables of packages_fetch, and sets them when another version may be taken.
package_missing() {
  if [[ ${1:-} != take-newer ]]; then
    say "$name $version ($arch) is not to be had any more with the hash of $lock."
    say "scripts/build-image --update-lock takes what there is today; the image changes with it."
    return 1
  fi
  say "WARNING: $name $version ($arch) is not to be had any more. Taken is what there is today, whose hash nobody has"
  say "WARNING: looked at: this image is for tests only, and not what $lock describes."
  package_newest
}

# Sets name, version and hash to those of today.
package_newest() {
  local file
  "newest_$kind" || die "$name ($arch) is not to be had"
  file=$(package_file "$kind" "$arch" "$name" "$version")
  [[ -e $file ]] || "fetch_$kind" "$arch" "$name" "$version" "" || return 1
  hash=$(sha256sum <"$file")
  hash=${hash%% *}
}

packages_update_lock() {
  local kind arch name version hash
  mkdir -p "$cache/packages"
  grep '^#' "$lock" >"$lock.new"
  while read -r kind arch name version hash; do
    package_newest || { rm "$lock.new"; return 1; }
    echo "$kind $arch $name $version $hash" >>"$lock.new"
  done < <(lock_lines)
  mv "$lock.new" "$lock"
}

# package_file KIND ARCH NAME VERSION: as apt and npm name it.
package_file() {
  if [[ $1 == deb ]]; then echo "$cache/packages/$3_${4//:/%3a}_$2.deb"; else echo "$cache/packages/$3-$4.tgz"; fi
}

# package_is_right FILE HASH
package_is_right() { [[ -e $1 && $(sha256sum <"$1") == "$2  -" ]]; }

# fetch_deb ARCH NAME VERSION HASH: the hash may be empty, when it is not known yet.
fetch_deb() {
  local file=$cache/packages/$2_${3//:/%3a}_$1.deb
  debian_lists
  say "fetching $2 $3 ($1)"
  rm -f "$file"
  (cd "$cache/packages" && debian apt-get -q download "$(debian_name "$1" "$2")=$3") >>"$cache/apt.log" 2>&1 || return 1
  [[ -z $4 ]] || package_is_right "$file" "$4"
}

newest_deb() {
  debian_lists
  # The package that every kernel's update changes names the one that has it.
  if [[ $name == linux-image-*armmp ]]; then
    name=$(debian apt-cache depends "linux-image-armmp:$arch" | sed -n 's/^ *Depends: \([^:]*\).*/\1/p' | head -n 1)
  fi
  version=$(debian apt-cache policy "$(debian_name "$arch" "$name")" | sed -n 's/^ *Candidate: //p')
  [[ -n $version && $version != "(none)" ]]
}

debian_name() { if [[ $1 == all ]]; then echo "$2"; else echo "$2:$1"; fi; }

# debian COMMAND ARGUMENT...: with this computer's sources and a state of its own, so that the system's stays as it is.
debian() {
  local command=$1 state=$cache/apt
  shift
  "$command" -o APT::Architecture=armhf -o APT::Architectures::=armhf -o APT::Architectures::=arm64 \
    -o "Dir::State=$state/state" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" \
    -o APT::Sandbox::User=root "$@"
}

# Once in a run.
debian_lists() {
  [[ -z ${debian_listed:-} ]] || return 0
  debian_listed=yes
  mkdir -p "$cache"/apt/{state/lists/partial,cache/archives/partial}
  : >"$cache/apt/status"
  # A mirror in the middle of an update serves the rest all the same.
  debian apt-get -q update >"$cache/apt.log" 2>&1 || true
}

fetch_npm() {
  say "fetching $2 $3"
  (cd "$cache/packages" && npm pack --silent "$2@$3" >/dev/null 2>&1) || return 1
  [[ -z $4 ]] || package_is_right "$cache/packages/$2-$3.tgz" "$4"
}

# Which Node is a choice, and not whatever is newest.
newest_npm() { :; }

# packages_unpack ARCH: into $cache/unpacked/ARCH, and Node into $cache/node/ARCH.
packages_unpack() {
  local of=$1 kind arch name version hash folder=$cache/unpacked/$1 node=$cache/node/$1
  cmp -s <(grep -E "^[a-z]+ ($of|all) " "$taken") "$folder.lock" && return
  rm -rf "$folder" "$node"
  mkdir -p "$folder" "$node"
  while read -r kind arch name version hash; do
    case "$kind $arch" in
      "deb $of" | "deb all") dpkg-deb -x "$(package_file deb "$arch" "$name" "$version")" "$folder" ;;
      "npm $of") tar xzf "$(package_file npm "$arch" "$name" "$version")" -C "$node" --strip-components=1 ;;
    esac
  done <"$taken"
  grep -E "^[a-z]+ ($of|all) " "$taken" >"$folder.lock"
}
