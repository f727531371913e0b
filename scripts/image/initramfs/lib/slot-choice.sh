# Which slot is booted, sourced by the first program of an image. The file has three lines; src/update/slot-choice.ts
# writes it and takes the same texts for valid. Other texts count as none.

# choice_read FILE: sets active, trial and tries. False: it is none.
choice_read() {
  local text bytes
  active=a trial='' tries=0
  [ -f "$1" ] || return 1
  # Blank lines at the end would be lost without something behind them, and zero bytes are: they only show in the size.
  text=$(cat "$1" && echo .) || return 1
  text=${text%.}
  bytes=$(wc -c <"$1")
  [ "$((bytes))" -eq "${#text}" ] || return 1
  choice_parse "$text"
}

choice_parse() {
  local line rest
  line='
'
  rest=${1%"$line"}
  case $rest in
    ACTIVE=[ab]"$line"TRY="$line"TRIES_LEFT=[0-9] | ACTIVE=[ab]"$line"TRY=[ab]"$line"TRIES_LEFT=[0-9]) ;;
    *) return 1 ;;
  esac
  tries=${rest##*=}
  rest=${rest#ACTIVE=}
  active=${rest%%"$line"*}
  rest=${rest#*TRY=}
  trial=${rest%%"$line"*}
}

# choice_order: the slots in the order to try them, by what choice_read set.
choice_order() {
  local first=$active
  [ -z "$trial" ] || [ "$tries" -eq 0 ] || first=$trial
  case $first$active in
    ab | ba) echo "$first $active" ;;
    aa) echo "a b" ;;
    bb) echo "b a" ;;
  esac
}

# choice_spend FILE: takes one try off where one is to be spent. Whenever power fails, the old or the new text is there
# whole. False: it could not be written, and the trial must not be booted.
choice_spend() {
  [ -n "$trial" ] && [ "$tries" -gt 0 ] || return 0
  printf 'ACTIVE=%s\nTRY=%s\nTRIES_LEFT=%s\n' "$active" "$trial" "$((tries - 1))" >"$1.new" &&
    sync "$1.new" && mv -f "$1.new" "$1" && sync "${1%/*}"
}
