# What of the program is compiled, for the processors of the boards, sourced after packages.sh. The architectures have
# Debian's names here.

# cross_of ARCH: the compiler's name of an architecture, and node-gyp's.
declare -A CROSS_TRIPLE=([armhf]=arm-linux-gnueabihf [arm64]=aarch64-linux-gnu)
declare -A CROSS_GYP=([armhf]=arm [arm64]=arm64)

# cross_build ARCH: the addon, the companion, and the libraries' addons, in $cache/cross/ARCH. Nothing when nothing changed.
cross_build() {
  local arch=$1 folder hash into=$cache/cross/$1
  hash=$(cross_fingerprint "$arch")
  [[ -e $into/.stamp && $(<"$into/.stamp") == "$hash" ]] && return
  say "compiling for $arch"
  rm -rf "$into"
  mkdir -p "$into/node_modules"
  ln -s "$PWD"/node_modules/{nan,node-addon-api} "$into/node_modules/"
  cp -r "$PWD"/node_modules/{i2c-bus,epoll} "$into/node_modules/"
  rm -rf "$into"/node_modules/{i2c-bus,epoll}/build
  cp -r native binding.gyp "$into/"
  for folder in "$into"{,/node_modules/i2c-bus,/node_modules/epoll}; do
    cross_gyp "$arch" "$folder" || { tail -n 30 "$into/build.log" >&2; return 1; }
  done
  echo "$hash" >"$into/.stamp"
}

cross_fingerprint() {
  {
    "${CROSS_TRIPLE[$1]}-g++" --version
    grep " $1 node-" "$taken"
    find native binding.gyp package-lock.json scripts/image/cross.sh -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum
}

# No path of this computer gets into what it compiles.
cross_gyp() {
  local triple=${CROSS_TRIPLE[$1]} gyp=${CROSS_GYP[$1]} into=$cache/cross/$1 plain="-ffile-prefix-map=$PWD=."
  (cd "$2" && npm_config_nodedir=$cache/node/$1 CC=$triple-gcc CXX=$triple-g++ CFLAGS=$plain CXXFLAGS=$plain \
    "$OLDPWD/node_modules/.bin/node-gyp" configure build --arch="$gyp" --jobs=max --loglevel=error) >>"$into/build.log" 2>&1
}

# cross_strip ARCH FROM TO
cross_strip() { "${CROSS_TRIPLE[$1]}-strip" -o "$3" "$2"; }
