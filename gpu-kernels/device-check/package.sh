#!/usr/bin/env bash
# Packs everything that a machine with a GPU needs to check and measure the CUDA backend: a Java runtime of its own, the
# jars, the conformance suite and check.sh. There it needs an NVIDIA driver (580 or newer) and nothing else:
#   gpu-kernels/device-check/package.sh device-check.tar.gz
#   tar xf device-check.tar.gz && device-check/check.sh
set -euo pipefail
(($# == 1)) || { echo "usage: package.sh FILE.tar.gz" >&2; exit 2; }
file=$(realpath -m -- "$1")
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/.mvn/jdk25.bash"
java_home=$(jdk25) || { echo "package.sh: JDK 25 is missing" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/device-check
mkdir -p "$out/lib" "$out/test"

# The program's jars are those of the launcher.
"$root/zkprover" --version >"$out/version.txt"
launcher=$root/bench/target/launcher
cp "$launcher/$(<"$launcher/built")"/*.jar "$out/lib/"
# Without what only the service needs, and with the one of JCuda's libraries that is used: half the size.
rm -f "$out"/lib/{sqlite-jdbc,postgresql,grpc-netty-shaded}-*.jar
mkdir "$work/natives"
(cd "$work/natives" && natives=("$out"/lib/jcuda-natives-*.jar) &&
  "$java_home/bin/jar" --extract --file "${natives[0]}" &&
  "$java_home/bin/jar" --create --file "${natives[0]}" lib/libJCudaDriver-*.so)

# The conformance suite, and JUnit.
(cd "$root" && JAVA25_HOME=$java_home mvn -q -B -ntp -Pquick -DskipTests -pl gpu-kernels -am test-compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DincludeScope=test \
  -DincludeGroupIds=org.junit.jupiter,org.junit.platform,org.opentest4j,org.apiguardian -Dmdep.prependGroupId=false \
  -DoutputDirectory="$out/test")
for module in prover-core gpu-kernels; do
  (cd "$root/$module/target/quick/test-classes" && "$java_home/bin/jar" --create --file "$out/test/$module-tests.jar" \
    $(if [[ $module == prover-core ]]; then echo dev/zkwasm/compute; else echo dev; fi))
done

"$java_home/bin/jlink" --output "$out/java" --strip-debug --no-header-files --no-man-pages --compress zip-9 \
  --add-modules java.base,java.logging,java.management,java.naming,java.sql,java.xml,jdk.incubator.vector,jdk.management,jdk.unsupported
cp "$root/gpu-kernels/device-check/check.sh" "$out/"
(cd "$root" && git rev-parse HEAD) >"$out/commit.txt" 2>/dev/null || true
tar -C "$work" -czf "$file" device-check
ls -l "$file"
size=$(stat -c %s "$file")
((size < 60000000)) || { rm "$file"; echo "package.sh: $size bytes are more than the 60 MB that it may have" >&2; exit 1; }
