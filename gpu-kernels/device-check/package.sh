#!/usr/bin/env bash
# Packs everything that a machine with a GPU needs to check and measure the CUDA backend: a Java runtime of its own, the
# jars, the conformance suite and check.sh. There it needs an NVIDIA driver (580 or newer) and nothing else:
#   gpu-kernels/device-check/package.sh device-check.tar.gz
#   tar xf device-check.tar.gz && device-check/check.sh
# wordcount and its input are taken from $GUESTS, ../shared/guests beside the repository if not given; without them check.sh
# says that they are missing. The kernels must be those of the tables and sources as they are.
set -euo pipefail
(($# == 1)) || { echo "usage: package.sh FILE.tar.gz" >&2; exit 2; }
file=$(realpath -m -- "$1")
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/.mvn/jdk25.bash"
java_home=$(jdk25) || { echo "package.sh: JDK 25 is missing" >&2; exit 2; }
guests=${GUESTS:-$root/../shared/guests}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/device-check
mkdir -p "$out/lib" "$out/test" "$out/guests"

# The conformance suite, JUnit, and the test that the kernels are those of the sources.
(cd "$root" && JAVA25_HOME=$java_home mvn -q -B -ntp -Pquick -pl gpu-kernels -am -Dtest=KernelImageTest \
  -Dsurefire.failIfNoSpecifiedTests=false -Dkernels.required=true test \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DincludeScope=test \
  -DincludeGroupIds=org.junit.jupiter,org.junit.platform,org.opentest4j,org.apiguardian -Dmdep.prependGroupId=false \
  -DoutputDirectory="$out/test") ||
  { echo "package.sh: the kernels are not those of the sources: gpu-kernels/build-kernels.sh makes them" >&2; exit 1; }
for module in prover-core gpu-kernels; do
  "$java_home/bin/jar" --create --file "$out/test/$module-tests.jar" -C "$root/$module/target/quick/test-classes" .
done

# The program's jars are those of the launcher, without what only the service needs, and with the one of JCuda's
# libraries that is used: a third of the size.
"$root/zkprover" --version >"$out/version.txt"
launcher=$root/bench/target/launcher
cp "$launcher/$(<"$launcher/built")"/*.jar "$out/lib/"
rm -f "$out"/lib/{sqlite-jdbc,postgresql,grpc-netty-shaded,grpc-services,guava,proto-google-common-protos}-*.jar \
  "$out"/lib/{commons-math3,prometheus-metrics,micrometer,flyway-core,HikariCP,HdrHistogram,listenablefuture}-*.jar
mkdir "$work/natives"
(cd "$work/natives" && natives=("$out"/lib/jcuda-natives-*.jar) &&
  "$java_home/bin/jar" --extract --file "${natives[0]}" &&
  "$java_home/bin/jar" --create --file "${natives[0]}" lib/libJCudaDriver-*.so)

"$java_home/bin/jlink" --output "$out/java" --strip-debug --no-header-files --no-man-pages --compress zip-9 --vm server \
  --add-modules java.base,java.logging,java.management,jdk.incubator.vector,jdk.management,jdk.unsupported
for guest in wordcount.wasm input.txt; do
  [[ ! -e $guests/$guest ]] || cp "$guests/$guest" "$out/guests/"
done
[[ -e $out/guests/wordcount.wasm ]] || echo "package.sh: no $guests/wordcount.wasm: the check will say so" >&2
cp "$root/gpu-kernels/device-check/check.sh" "$out/"
(cd "$root" && git describe --always --dirty --abbrev=40) >"$out/commit.txt" 2>/dev/null || true
tar -C "$work" -czf "$file" device-check
ls -l "$file"
size=$(stat -c %s "$file")
((size < 60000000)) || { rm "$file"; echo "package.sh: $size bytes are more than the 60 MB that it may have" >&2; exit 1; }
