#!/usr/bin/env bash
# Builds the libraries of the lowering, softfloat.wasm and wasi.wasm, with Debian's clang 14 and lld 14. The modules are
# committed: they are part of the lowering version. LibraryTest compares the sources' hashes with those beside the modules
# and, where these tools are present, the modules with freshly built ones; so run this after any change.
#
# Usage: build.sh [DIRECTORY]    where to put the results; the module's resources if not given
set -euo pipefail
cd "$(dirname "$0")"
out=${1:-../resources/dev/zkwasm/lower}
mkdir -p "$out"
for name in softfloat wasi; do
  clang-14 --target=wasm32 -O2 -nostdlib -fno-builtin -Wall -Wextra -Werror -c "$name.c" -o "$out/$name.o"
  # The memory is the guest's.
  wasm-ld-14 --no-entry --strip-all --import-memory --allow-undefined "$out/$name.o" -o "$out/$name.wasm"
  rm "$out/$name.o"
  chmod 644 "$out/$name.wasm"
  sha256sum < "$name.c" | cut -d' ' -f1 > "$out/$name.c.sha256"
done
