# shellcheck shell=bash
# What the scripts that make static programs share. `target` is the platform, empty for this one.

# Cargo and rustc need a linker that knows the other processor. The programs hold no C of their own, and a musl target
# brings its C library along, so any linker for that processor does: Debian's is in gcc-aarch64-linux-gnu.
linker() {
  case $1:$(uname -m) in
    aarch64-*:aarch64 | x86_64-*:x86_64) ;;
    aarch64-*) echo aarch64-linux-gnu-gcc ;;
    x86_64-*) echo x86_64-linux-gnu-gcc ;;
  esac
}

# Tells cargo which linker a platform has, where it needs another than the usual one.
use_linker() {
  local name
  [ -n "$(linker "$1")" ] || return 0
  name=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$1")_LINKER
  [ -n "${!name:-}" ] || export "$name=$(linker "$1")"
}

# No loader is asked for, and no library: it runs on any Linux of its processor, and in an image that holds nothing else.
is_static() {
  local headers
  headers=$(LC_ALL=C readelf --wide --program-headers --dynamic "$1" 2>/dev/null) || return 1
  ! grep -qE 'INTERP|\(NEEDED\)' <<<"$headers"
}
