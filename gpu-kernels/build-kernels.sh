#!/usr/bin/env bash
# Compiles the device code to the fat binary that is packed as a resource, and writes the hash of its sources beside it,
# which a test compares. Needs nvcc 13 (no GPU): one binary per architecture, and PTX for those to come.
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")"

sources=src/main/cuda
out=src/main/resources/dev/zkwasm/cuda
command -v nvcc >/dev/null || { echo "build-kernels.sh: nvcc is missing: install the CUDA toolkit 13" >&2; exit 2; }

binary=$(mktemp --suffix .fatbin)
trap 'rm -f "$binary"' EXIT
targets=()
for arch in 75 80 86 89 90; do
  targets+=(-gencode "arch=compute_$arch,code=sm_$arch")
done
targets+=(-gencode arch=compute_75,code=compute_75)
nvcc -std=c++17 -O3 -Werror all-warnings "${targets[@]}" -fatbin -o "$binary" "$sources/kernels.cu"

mkdir -p "$out"
gzip -9 -n -c "$binary" >"$out/kernels.fatbin.gz"
# As `sha256sum` prints it: hash and name, sorted by name.
(cd "$sources" && LC_ALL=C sha256sum ./*.cu ./*.cuh | sed 's|\./||' | LC_ALL=C sort -k 2) >"$out/kernels.sources"
ls -l "$out"
