# Parts of a root file system, sourced after packages.sh and cross.sh: what all boards have, by architecture.

APPLETS=(ash basename cat chgrp chmod chown cmp cp cut date dd df dirname dmesg du echo env expr false find free grep
  gunzip gzip halt head hexdump hostname hwclock id ifconfig init insmod ionice ip kill killall less ln logger ls lsmod md5sum
  mdev mkdir mkfifo mknod mktemp more mount mv nc netstat nslookup pidof ping pivot_root poweroff printf
  ps pwd readlink realpath reboot renice rm rmdir rmmod route sed seq setsid sh sha256sum sleep sort start-stop-daemon stat
  stty switch_root sync sysctl syslogd tail tar tee test timeout top touch tr true tty udhcpc umount uname uniq uptime usleep vi
  watchdog wc wget which whoami xargs yes zcat)
# The libraries that only a part of the program asks for by name while it runs are among them.
LIBRARIES='lib\(c\|m\|dl\|pthread\|rt\|gcc_s\|stdc\+\+\|atomic\|cap-ng\|bsd\|md\)\.so\.[0-9]+'
APP_PACKAGES=(onoff bindings file-uri-to-path lodash.debounce)

# busybox_applets FILE: by the table in it, as it may be for another processor.
busybox_applets() { LC_ALL=C tr '\0' '\n' <"$1" | LC_ALL=C sed -n '/^\[\[$/,/^zcat$/p'; }

# root_busybox ROOT
root_busybox() {
  local applet from=$cache/unpacked/armhf/bin/busybox missing
  mkdir -p "$1/bin"
  cp "$from" "$1/bin/"
  missing=$(comm -23 <(printf '%s\n' "${APPLETS[@]}" | LC_ALL=C sort) <(busybox_applets "$from" | LC_ALL=C sort))
  if [[ -n $missing ]]; then
    echo "busybox has no ${missing//$'\n'/, }" >&2
    return 1
  fi
  for applet in "${APPLETS[@]}"; do ln -sf busybox "$1/bin/$applet"; done
}

# root_libraries ARCH FOLDER
root_libraries() {
  local unpacked=$cache/unpacked/$1
  mkdir -p "$2"
  find "$unpacked" \( -type f -o -type l \) -path "*/${CROSS_TRIPLE[$1]}/*" -regex ".*/$LIBRARIES" -exec cp -L {} "$2/" \;
  find "$unpacked/lib" -maxdepth 1 -name 'ld-linux-*.so.*' -exec cp -L {} "$2/" \;
}

# root_node ARCH FILE
root_node() { cross_strip "$1" "$cache/node/$1/bin/node" "$2"; }

# root_app ARCH APP: the program's halves that are compiled, and what they are asked for by.
root_app() {
  local name app=$2 cross=$cache/cross/$1 file
  mkdir -p "$app"/{build/Release,node_modules}
  cp package.json "$app/"
  for file in chains.node companion; do cross_strip "$1" "$cross/build/Release/$file" "$app/build/Release/$file"; done
  for name in "${APP_PACKAGES[@]}"; do cp -rL "node_modules/$name" "$app/node_modules/"; done
  for name in i2c-bus epoll; do
    mkdir -p "$app/node_modules/$name/build/Release"
    cp "node_modules/$name"/{package.json,*.js} "$app/node_modules/$name/"
    for file in "$cross/node_modules/$name"/build/Release/*.node; do
      cross_strip "$1" "$file" "$app/node_modules/$name/build/Release/${file##*/}"
    done
  done
}

# root_program APP: the bundle and the hardware data.
root_program() {
  cp -r boards dist "$1/"
  node --import tsx scripts/image/plain-boards.ts "$1/boards"
  rm -f "$1"/dist/*.map
}

kernel_file() { echo "$cache"/unpacked/armhf/boot/vmlinuz-*; }
kernel_dtb() { echo "$cache"/unpacked/armhf/usr/lib/linux-image-*/"$1.dtb"; }

# root_modules FOLDER LIST MODULE...: with those that they need, and the order to load them in as the file LIST, without what an
# earlier list has.
root_modules() {
  local folder=$1 list=$2 module file
  shift 2
  mkdir -p "$folder"
  touch "$folder/$list"
  for module in "$@"; do
    [[ -e $folder/$module.ko ]] && continue
    file=$(find "$cache/unpacked/armhf/lib/modules" -name "${module//[-_]/[-_]}.ko")
    # What the kernel has built in is no file.
    [[ -n $file ]] || continue
    root_modules "$folder" "$list" $(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p' | tr ',' ' ')
    cp "$file" "$folder/$module.ko"
    echo "$module" >>"$folder/$list"
  done
}

# root_files FOLDER ROOT: what lies in scripts/image as it is.
root_files() { [[ ! -d scripts/image/$1 ]] || cp -r "scripts/image/$1/." "$2/"; }

root_certificates() { cat "$cache"/unpacked/armhf/usr/share/ca-certificates/mozilla/*.crt >"$1"; }

# root_licences ARCH FOLDER: what the makers of the packages ask to be passed on.
root_licences() {
  local kind arch name rest
  mkdir -p "$2"
  cp LICENSE "$2/headframe"
  cp NOTICE "$2/headframe-notice"
  cp "$cache/node/$1/LICENSE" "$2/node"
  while read -r kind arch name rest; do
    [[ $kind == deb ]] && cp -L "$cache/unpacked/$1/usr/share/doc/$name/copyright" "$2/$name"
  done < <(grep -E "^deb ($1|all) " "$taken")
}

# root_complete ARCH FOLDER...: every library that a program or a library in the folders names is in the last of them.
root_complete() {
  local readelf=${CROSS_TRIPLE[$1]}-readelf lib=${*: -1} name
  shift
  while read -r name; do
    [[ -e $lib/$name ]] || die "a program of the image needs $name, which is not in it"
  done < <(find "$@" -type f -exec "$readelf" -d {} + 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
}

# root_unless_made ROOT FILE COMMAND: COMMAND ROOT FILE, unless FILE was made of the same root.
root_unless_made() {
  local print
  print=$work/$(tr / _ <<<"$2").print
  root_print "$1" >"$print.new"
  if [[ -e $2 ]] && cmp -s "$print" "$print.new"; then return; fi
  rm -f "$2" "$print"
  "$3" "$1" "$2.new"
  mv "$2.new" "$2"
  mv "$print.new" "$print"
}

# root_print ROOT: what is in it, a line each, and how it is packed.
root_print() {
  (cd "$1" && find . -mindepth 1 -printf '%M %P %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
  cat scripts/image/*.sh | sha256sum
  echo "$SOURCE_DATE_EPOCH"
}

# root_modes ROOT: those of the checkout and of packages, without what this computer's umask did to them.
root_modes() { chmod -R u=rwX,go=rX "$1"; }
