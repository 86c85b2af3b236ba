#!/usr/bin/env bash
# Compares the vector kernels with their scalar twins: on this processor, and those for 64-bit Arm under an emulator.
# Wants Debian or Ubuntu, for the cross compiler's libraries and the emulator, and clang, which comes with Swift.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

clang=$(command -v clang || true)
[ -n "$clang" ] || clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang

products=$(mktemp -d)
trap 'rm -rf "$products"' EXIT

# compile <program> <options of the target>
compile() {
  "$clang" -std=gnu11 -O2 -Wall -Wextra -Werror -ISources/CChargenKernels/include "${@:2}" \
    Sources/CChargenKernels/*.c Tests/Emulated/*.c -lm -pthread -o "$products/$1"
}

compile native
"$products/native" | sed 's/^/native: /'

# On an Arm processor that was it.
[ "$(uname -m)" != aarch64 ] || exit 0

missing=()
command -v aarch64-linux-gnu-gcc > /dev/null || missing+=(gcc-aarch64-linux-gnu)
[ -e /usr/aarch64-linux-gnu/lib/libc.a ] || missing+=(libc6-dev-arm64-cross)
command -v qemu-aarch64 > /dev/null || missing+=(qemu-user)
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  # To the error output, for what this prints is the comparison.
  { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq "${missing[@]}"; } >&2
fi

compile aarch64 --target=aarch64-linux-gnu -static
qemu-aarch64 "$products/aarch64" | sed 's/^/aarch64, emulated: /'
