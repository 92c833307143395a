#!/usr/bin/env bash
# Checks and measures the CUDA backend on this machine; from the archive that package.sh makes, with nothing but an
# NVIDIA driver. Results go to a new folder, results-DATE, or $RESULTS. Arguments choose some of the steps:
#   conformance  the conformance suite, with no device being a failure
#   multiply     throughput of bare multiplication, both styles
#   ntt, msm     kernels, 2^18 to 2^24, with and without transfers
#   prove        whole proofs by stages: sorting 2 000, 10 000 and 100 000 numbers
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
results=${RESULTS:-results-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$results/home" || exit 2
steps=("$@")
((${#steps[@]})) || steps=(conformance multiply ntt msm prove)
memory=${JAVA_MEMORY:-70}

java() {
  "$here/java/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -XX:MaxRAMPercentage="$memory" "$@"
}
bench() { # name, arguments
  local name=$1
  shift
  java -cp "$here/lib/*" dev.zkwasm.cli.Main bench "$@" --home "$results/home" --force --out "$results/$name.json" \
    >"$results/$name.log" 2>&1
}

# Power, clocks and load while it runs, where the driver's tool is there.
if command -v nvidia-smi >/dev/null; then
  nvidia-smi >"$results/nvidia-smi.txt" 2>&1
  nvidia-smi --query-gpu=timestamp,index,name,driver_version,power.draw,clocks.sm,clocks.mem,temperature.gpu,utilization.gpu,memory.used \
    --format=csv -lms 500 >"$results/telemetry.csv" 2>/dev/null &
  sampler=$!
  trap 'kill "$sampler" 2>/dev/null' EXIT
else
  echo "nvidia-smi is not here: no power and clocks" | tee "$results/telemetry.txt"
fi

cp "$here"/version.txt "$here"/commit.txt "$results/" 2>/dev/null
status=0
for step in "${steps[@]}"; do
  began=$SECONDS
  case $step in
    conformance)
      java -cp "$here/lib/*:$here/test/*" dev.zkwasm.cuda.ConformanceRun >"$results/conformance.log" 2>&1 ;;
    multiply)
      java -cp "$here/lib/*" dev.zkwasm.cuda.MultiplicationRate >"$results/multiply.json" 2>"$results/multiply.log" ;;
    ntt)
      bench ntt ntt --backend cuda --log 18-24 --direction ntt,intt,coset-ntt --transfers both ;;
    msm)
      bench msm msm --backend cuda --log 18-24 --scalars uniform,witness,equal,u64,u16,bit --transfers both ;;
    prove)
      bench prove-2000 prove --backend cpu,cuda --arg 2000 &&
        bench prove-10000 prove --backend cuda --arg 10000 &&
        bench prove-100000 prove --backend cuda --arg 100000 --iterations 1 --warmup 1 ;;
    *)
      echo "check.sh: no step $step" >&2
      exit 2 ;;
  esac
  code=$?
  echo "$step: $( ((code == 0)) && echo ok || echo "FAILED ($code)"), $((SECONDS - began)) s" | tee -a "$results/summary.txt"
  ((code == 0)) || { status=1; tail -n 5 "$results/$step"*.log; }
done
rm -rf "$results/home"
exit $status
