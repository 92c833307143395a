#!/usr/bin/env bash
# Checks and measures the CUDA backend on this machine; from the archive that package.sh makes, with nothing but an
# NVIDIA driver (580 or newer).
#
#   check.sh [--trial] [STEP...]
#
# Results go to a new folder, results-DATE, or $RESULTS, and packed into a file of the same name with .tar.gz behind it;
# summary.json in it has the steps, power and clocks, and every figure beside its target. Steps, all if none is given:
#   conformance  the conformance suite, with no device being a failure
#   proof        a small proof on all devices: its bytes must be the CPU's
#   multiply     throughput of bare multiplication, both styles
#   ntt, msm     kernels, 2^18 to 2^24, with and without transfers
#   prove        whole proofs by stages: a heap sort of 2000 numbers on CPU and device, wordcount, a heap sort of 10 000,
#                and one of 26 000, which is 20 million steps
#   profile      what binds the kernels that miss their target, by Nsight Compute where it is installed
#   sanitize     races and wild accesses, by compute-sanitizer where it is installed; takes long, only if asked for
# --trial makes everything small: for trying this script itself.
#
# Ends with 0 if all went well, 1 if a step failed (missed targets are no failure), 2 if it was called wrongly or the
# archive is damaged, 3 if there is no driver or device: then only what can be checked without has been.
# STEP_SECONDS (570) limits each command of a step; JAVA_MEMORY (70) is Java's share of the memory in per cent.
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
usage() { echo "usage: check.sh [--trial] [conformance|proof|multiply|ntt|msm|prove|profile|sanitize ...]" >&2; exit 2; }

trial=0
steps=()
for argument in "$@"; do
  case $argument in
    --trial) trial=1 ;;
    conformance | proof | multiply | ntt | msm | prove | profile | sanitize) steps+=("$argument") ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "check.sh: no step $argument" >&2; usage ;;
  esac
done
((${#steps[@]})) || steps=(conformance proof multiply ntt msm prove profile)
sizes=(18-20 21-22 23-24)
sort_small=2000 sort_large=10000 sort_long=26000 rates=() conformance=()
if ((trial)); then
  sizes=(4-5 6)
  sort_small=2 sort_large=3 sort_long=4 rates=(64 2) conformance=(-Dconformance.small=true)
fi

for part in java/bin/java lib test version.txt; do
  [[ -e $here/$part ]] || { echo "check.sh: $here/$part is missing: unpack the archive again" >&2; exit 2; }
done
results=${RESULTS:-results-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$results" && results=$(cd "$results" && pwd) || exit 2
home=$here/home # reference strings and keys, for the next call too

java() {
  "$here/java/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -XX:MaxRAMPercentage="${JAVA_MEMORY:-70}" \
    -XX:CompileCommand=quiet '-XX:CompileCommand=BackgroundCompilation,dev.zkwasm.compute.cpu.VectorKernels::*,false' "$@"
}
export -f java
export here ZKPROVER_LOG=info
# limited COMMAND...: ends it after so many seconds, a function of this script too.
limited() {
  local code=0
  timeout -k 10 "${STEP_SECONDS:-570}" bash -c '"$@"' limited "$@" || code=$?
  ((code != 124 && code != 137)) || echo "stopped after ${STEP_SECONDS:-570} seconds" >&2
  return $code
}
tests() { limited java -cp "$here/lib/*:$here/test/*" "$@"; }

# bench NAME ARGUMENT...: writes NAME.json and NAME.log.
bench() {
  local name=$1
  shift
  limited java -cp "$here/lib/*" dev.zkwasm.cli.Main bench "$@" --quiet --home "$home" --force \
    --out "$results/$name.json" >"$results/$name.log" 2>&1 || return
  # A proof that the CPU took over is not the device's, however right.
  if grep -q "is unhealthy\|trying again" "$results/$name.log"; then
    echo "the device failed and something else took over" >>"$results/$name.log"
    return 1
  fi
}

# must COMMAND...: what follows is run all the same if it fails, and `failed` says so.
failed=0
must() { "$@" || failed=1; }

kernels() { # ntt or msm, arguments
  local kernel=$1 size
  shift
  failed=0
  for size in "${sizes[@]}"; do
    must bench "$kernel-$size" "$kernel" --backend cuda --log "$size" --transfers both "$@"
  done
  return $failed
}

prove() {
  failed=0
  must bench prove-small prove --backend cpu,cuda --arg "$sort_small"
  if [[ -e $here/guests/wordcount.wasm ]]; then
    local input=$here/guests/input.txt
    ((trial)) && input=/dev/null
    must bench prove-wordcount prove "$here/guests/wordcount.wasm" --input "$input" --backend cuda
  else
    echo "wordcount was not there when this archive was packed" | tee "$results/prove-wordcount.log"
    failed=1
  fi
  must bench prove-sort prove --backend cuda --arg "$sort_large"
  must bench prove-long prove --backend cuda --arg "$sort_long" --iterations 1 --warmup 1
  return $failed
}

# value KERNEL LOG KIND: median seconds of a result without transfers; every result is on a line of its own.
value() {
  cat "$results/$1"-*.json 2>/dev/null | sed -n "s/.*\"kernel\": \"$1\", \"logSize\": $2, \"scalars\": \"$3\",.*\"transfers\": false,.*\"medianSeconds\": \([0-9.Ee-]*\),.*/\1/p" |
    head -n 1
}

# Every figure that has a target: name, what it is now, target, unit, whether more is better.
figures() {
  local rate steps_per_second log
  rate=$(sed -n 's/.*"kernel":"bench_multiply_chain".*"perSecond":\([0-9.e+]*\).*/\1/p' "$results/multiply.json" 2>/dev/null)
  echo "multiplication ${rate:--} 56e9 per_second more"
  while read -r kernel log kind target; do
    echo "$kernel-2^$log $(v=$(value "$kernel" "$log" "$kind"); echo "${v:--}") $target seconds less"
  done <<'TARGETS'
msm 20 uniform 0.0037
msm 22 uniform 0.014
msm 24 uniform 0.048
ntt 20 uniform 0.0003
ntt 24 uniform 0.005
TARGETS
  steps_per_second=$(sed -n 's/.*"kernel": "prove".*"perSecond": \([0-9.e+]*\).*/\1/p' "$results/prove-long.json" 2>/dev/null | head -n 1)
  echo "proof-of-20-million-steps ${steps_per_second:--} 1e7 steps_per_second more"
}

# Kernels whose target was missed: name and size.
misses() { figures | awk '$2 != "-" && $5 == "less" && $2 > $3 { split($1, part, "-2\\^"); print part[1], part[2] }'; }

profile() {
  if ! command -v ncu >/dev/null; then
    echo "Nsight Compute (ncu) is not here: no profile" | tee "$results/profile.txt"
    return 0
  fi
  failed=0
  local found=0
  while read -r kernel log; do
    found=1
    # The kernels that take the time, of the second go, by the sections that say what binds.
    local names='^ntt_pass$' launches=3
    [[ $kernel == msm ]] && names='^msm_(count|scatter|accumulate|weigh)$' launches=4
    must limited ncu --target-processes all --clock-control none --kernel-name "regex:$names" \
      --launch-skip "$launches" --launch-count "$launches" --section SpeedOfLight --section Occupancy \
      --section LaunchStats --section WarpStateStats --section MemoryWorkloadAnalysis --section ComputeWorkloadAnalysis \
      "$here/java/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "$here/lib/*" \
      dev.zkwasm.cli.Main bench "$kernel" --backend cuda --log "$log" --warmup 1 --iterations 1 --quiet --home "$home" \
      >"$results/profile-$kernel-$log.txt" 2>&1 </dev/null
  done < <(misses)
  ((found)) || echo "no target was missed: nothing to profile" | tee "$results/profile.txt"
  return $failed
}

sanitize() {
  if ! command -v compute-sanitizer >/dev/null; then
    echo "compute-sanitizer is not here" | tee "$results/sanitize.txt"
    return 0
  fi
  failed=0
  local tool
  for tool in memcheck racecheck synccheck; do
    must limited compute-sanitizer --tool "$tool" --target-processes all --error-exitcode 9 "$here/java/bin/java" \
      --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dconformance.small=true \
      -cp "$here/lib/*:$here/test/*" dev.zkwasm.cuda.ConformanceRun >"$results/sanitize-$tool.txt" 2>&1
  done
  return $failed
}

json() { sed 's/\\/\\\\/g; s/"/\\"/g' <<<"$1"; }

# While a step runs: power, clocks and load, where the driver's tool is there.
sampler=
sample() {
  command -v nvidia-smi >/dev/null || return 0
  nvidia-smi --query-gpu=timestamp,index,power.draw,clocks.sm,clocks.mem,temperature.gpu,utilization.gpu,memory.used \
    --format=csv,noheader,nounits -lms 200 >"$results/telemetry-$1.csv" 2>/dev/null &
  sampler=$!
}
stop_sampling() { [[ -z $sampler ]] || { kill "$sampler" && wait "$sampler"; } 2>/dev/null; sampler=; }
trap stop_sampling EXIT

# Of the samples under load (10 per cent or more): mean and highest power, lowest and highest clock, joules of the step.
power() {
  awk -F', *' '$3 + 0 > 0 { all += $3; n++ }
    $7 >= 10 { busy += $3; k++; if ($3 > most) most = $3; if ($4 > high) high = $4; if (!low || $4 < low) low = $4 }
    END { if (n) printf "\"joules\": %.0f, ", all * 0.2
      if (k) printf "\"wattsUnderLoad\": %.1f, \"wattsMost\": %.1f, \"smClockLowMhz\": %d, \"smClockHighMhz\": %d, ", busy / k, most, low, high }' \
    "$results/telemetry-$1.csv" 2>/dev/null
}

cp "$here"/version.txt "$here"/commit.txt "$results/" 2>/dev/null
command -v nvidia-smi >/dev/null && nvidia-smi -q >"$results/nvidia-smi.txt" 2>&1
tests dev.zkwasm.cuda.DeviceProbe >"$results/probe.json" 2>"$results/probe.log"
code=$?
if ((code == 3)); then
  reason=$(sed -n 's/.*"detail": "\([^"]*\)".*/\1/p' "$results/probe.json")
  echo "no device: $reason"
  echo "checking what can be checked without: $(sed -n 's/.*"programKernels": \(.*\)}/kernels of programs \1/p' "$results/probe.json")"
  if bench prove-cpu prove --backend auto --arg 20 --iterations 1 --warmup 0 &&
    grep -q '"backend": "cpu"' "$results/prove-cpu.json"; then
    echo "a proof on the CPU, which 'auto' chose: ok"
  else
    tail -n 5 "$results/prove-cpu.log"
    echo "a proof on the CPU: FAILED"
    exit 1
  fi
  echo "nothing of CUDA was checked. It needs an NVIDIA driver, 580 or newer, and a GPU of compute capability 7.5 or newer"
  exit 3
elif ((code != 0)); then
  cat "$results/probe.json" "$results/probe.log"
  echo "check.sh: the program in this archive does not start" >&2
  exit 2
fi
cat "$results/probe.json"

status=0
lines=()
for step in "${steps[@]}"; do
  began=$SECONDS
  sample "$step"
  case $step in
    conformance) tests ${conformance[@]+"${conformance[@]}"} dev.zkwasm.cuda.ConformanceRun >"$results/conformance.log" 2>&1 ;;
    proof)
      tests dev.zkwasm.prover.DriverProofTrial >"$results/proof.log" 2>&1 && grep -q "^the same proof" "$results/proof.log" &&
        ! grep -q "^failed:\|^invalid_proof:" "$results/proof.log" ;;
    multiply)
      limited java -cp "$here/lib/*" dev.zkwasm.cuda.MultiplicationRate ${rates[@]+"${rates[@]}"} \
        >"$results/multiply.json" 2>"$results/multiply.log" ;;
    ntt) kernels ntt --direction ntt,intt,coset-ntt ;;
    msm) kernels msm --scalars uniform,witness,equal,u64,u16,bit ;;
    prove) prove ;;
    profile) profile ;;
    sanitize) sanitize ;;
  esac
  code=$?
  stop_sampling
  took=$((SECONDS - began))
  echo "$step: $( ((code == 0)) && echo ok || echo "FAILED ($code)"), $took s"
  lines+=("{\"step\": \"$step\", \"ok\": $( ((code == 0)) && echo true || echo false), $(power "$step")\"seconds\": $took}")
  if ((code != 0)); then
    status=1
    for log in "$results/$step"*.log; do [[ -s $log ]] && { echo "  $(basename "$log"):"; tail -n 5 "$log" | sed 's/^/    /'; }; done
  fi
done

# Against the targets.
targets=()
table=$(printf '%-28s %16s %12s' figure measured target)
while read -r name measured target unit better; do
  met=$(awk -v m="$measured" -v t="$target" -v b="$better" \
    'BEGIN { print m == "-" ? "null" : (b == "more" ? m + 0 >= t + 0 : m + 0 <= t + 0) ? "true" : "false" }')
  case $met in true) word=hit ;; false) word=MISSED ;; *) word="not measured" ;; esac
  table+=$'\n'$(printf '%-28s %16s %12s  %s' "$name" "$measured" "$target" "$word")
  [[ $measured == - ]] && measured=null
  targets+=("{\"figure\": \"$name\", \"measured\": $measured, \"target\": $target, \"unit\": \"$unit\", \"met\": $met}")
done < <(figures)
echo "$table" | tee "$results/targets.txt"
join() { local IFS=,; echo "$*"; }
echo "{\"version\": \"$(json "$(head -n 1 "$here/version.txt")")\", \"commit\": \"$(json "$(cat "$here/commit.txt" 2>/dev/null)")\"," \
  "\"trial\": $( ((trial)) && echo true || echo false), \"probe\": $(cat "$results/probe.json")," \
  "\"steps\": [$(join "${lines[@]}")], \"targets\": [$(join "${targets[@]}")]}" >"$results/summary.json"
tar -C "$(dirname "$results")" -czf "$results.tar.gz" "$(basename "$results")"
echo "all of it is in $results.tar.gz"
exit $status
