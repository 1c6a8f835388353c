/**
 * `receipt/sample.sh`: what a Slurm job uses on the node of its batch script, a line of `usage.jsonl` each time. autolab
 * writes this text beside the script, and the wrapper starts it, with an empty environment. Bash 4.2. The loop starts no
 * processes: a `sleep` or an `awk` costs more than all the rest.
 *
 * - It ignores signals. The EXIT trap of the wrapper kills it; if that does not run, it ends 2 s after the script.
 * - The file only grows, so that a look over ssh brings what is new.
 * - Slurm's cgroup of the job is cut at `/step_`: so the steps of `srun` on this node count, too. Pages of files that were
 *   read do not count, because the kernel drops them when memory is needed; shared memory does.
 * - Without a cgroup, or without CPU times in it, processes are read, which costs more the more there are. Samples are left
 *   out to keep the cost below 0.1 % of a core.
 * - `last` adds what was used at the end. After an out-of-memory kill that is the kernel's peak: a loop is too late.
 */

/** One less than the most points of a record: `last` adds one. */
const MOST_LINES = 1_999;
/** From then on the interval doubles every hundred lines. */
const SPARSE_FROM = 1_500;
/** If the design has no time limit. */
const DAY_SECONDS = 86_400;

/** `limitSeconds`: the job's time limit; null if the design has none. */
export function sampleScript(limitSeconds: number | null): string {
  return `interval=${intervalOf(limitSeconds)}\n${SAMPLER}`;
}

/** In hundredths of a second: a thousandth of the time limit, at least one second. */
function intervalOf(limitSeconds: number | null): number {
  return Math.max(100, Math.ceil((limitSeconds ?? DAY_SECONDS) / 10));
}

const SAMPLER = `# autolab sampler v1: CPU, memory and GPUs of this job on this node, into usage.jsonl. Bash 4.2.
# bash -p sample.sh loop PID BEGAN PATH GPUS, or bash -p sample.sh last PID BEGAN PATH STATUS
# PID: of the script; BEGAN: the first word of /proc/uptime then.
trap '' HUP INT QUIT USR1 USR2 TERM
export LC_ALL=C PATH="$4"
script=$2 began=$((10#\${3/./})) file="\${0%/*}/usage.jsonl"
groups=/proc/self/cgroup mounts=/proc/self/mountinfo
kind=tree memory= times= page=4096 top=0 cpu= bytes= gpu= own=0 now=0

clock() { IFS=' ' read -r now _ < /proc/uptime; now=$((10#\${now/./} - began)); }
text_of() { text=; IFS= read -rd '' text < "$1"; text=$'\\n'$text; }
field() { value=; case $text in *$'\\n'"$1 "*) value=\${text#*$'\\n'"$1 "}; value=\${value%%[!0-9]*} ;; esac; }
number() { text_of "$1"; value=\${text#?}; value=\${value%%[!0-9]*}; [ -n "$value" ]; }

# A path without a step is not the job's alone.
find_groups() {
  local id names path one= two= cpus= line
  local -a lines words
  while IFS=: read -r id names path; do
    case $path in */job_*/step_*) path=\${path%%/step_*} ;; *) continue ;; esac
    case ",$names," in ,,) two=$path ;; *,memory,*) one=$path ;; esac
    case ",$names," in *,cpuacct,*) cpus=$path ;; esac
  done < "$groups"
  mapfile -t lines < "$mounts"
  set -f
  for line in "\${lines[@]}"; do
    case $line in *' - cgroup'*) words=($line) ;; *) continue ;; esac
    line=",\${line##* },"
    case "\${words[*]}" in
      *' - cgroup2 '*) group_at "$two" memory.stat && kind=v2 memory=$folder ;;
      *)
        case $line in *,memory,*) group_at "$one" memory.stat && kind=v1 memory=$folder ;; esac
        case $line in *,cpuacct,*) group_at "$cpus" cpuacct.usage && times=$folder/cpuacct.usage ;; esac
        ;;
    esac
  done
  set +f
  if [ "$kind" = tree ]; then line="$(getconf PAGESIZE)"; page=\${line:-4096}; fi
}
group_at() { folder=\${words[4]%/}\${1#"\${words[3]%/}"}; [ -n "$1" ] && [ -r "$folder/$2" ]; }

# Clock ticks of a process and of those that it has waited for.
add_ticks() {
  local -a words
  text_of "/proc/$1/stat"
  words=(\${text##*) })
  ((\${#words[@]} > 14)) && ticks=$((ticks + words[11] + words[12] + words[13] + words[14]))
}
ticks_of_groups() {
  local list pid
  local -a pids
  for list in "$memory"/step_*/cgroup.procs "$memory"/step_*/task_*/cgroup.procs; do
    text_of "$list"
    pids+=($text)
  done
  for pid in "\${pids[@]}"; do add_ticks "$pid"; done
}
# The script and its descendants. Shared pages would count for each of them.
ticks_of_tree() {
  local pid resident shared list at=0
  local -a pids children
  pids=("$script") bytes=0
  while ((at < \${#pids[@]} && at < 4096)); do
    pid=\${pids[at++]}
    if [ "$pid" = "$BASHPID" ] || ! add_ticks "$pid"; then continue; fi
    resident= shared=
    IFS=' ' read -r _ resident shared _ < "/proc/$pid/statm"
    bytes=$((bytes + (\${resident:-0} - \${shared:-0}) * page))
    for list in /proc/"$pid"/task/*/children; do
      children=()
      IFS=' ' read -ra children < "$list"
      pids+=("\${children[@]}")
    done
  done
}

# CPU in milliseconds. Processes that end unseen must not make it less.
measure() {
  local ticks=
  cpu= bytes= value=
  case $kind in
    v1) text_of "$memory/memory.stat"; field total_rss; bytes=$value; field total_shmem ;;
    v2) text_of "$memory/memory.stat"; field anon; bytes=$value; field shmem ;;
    tree) ticks_of_tree ;;
  esac
  [ -z "$bytes" ] || bytes=$((bytes + \${value:-0}))
  if [ "$kind" = v2 ]; then text_of "$memory/cpu.stat"; field usage_usec; [ -z "$value" ] || cpu=$((value / 1000))
  elif [ -n "$times" ]; then number "$times" && cpu=$((value / 1000000))
  else
    [ "$kind" = tree ] || ticks_of_groups
    [ -z "$ticks" ] || cpu=$((ticks * 10))
  fi
  [ -z "$cpu" ] || ((cpu >= top)) || cpu=$top
  top=\${cpu:-$top}
}
point() {
  local said=null
  [ -z "$cpu" ] || printf -v said '%d.%03d' $((cpu / 1000)) $((cpu % 1000))
  printf '{"t":%d.%02d,"cpu_seconds":%s,"memory_bytes":%s%s}\\n' $((now / 100)) $((now % 100)) "$said" "\${bytes:-null}" "$gpu"
}

# Returns at a time, or ends if the script has ended.
until_time() {
  local parent user system left
  while :; do
    IFS=' ' read -r _ _ _ parent _ _ _ _ _ _ _ _ _ user system _ < /proc/self/stat
    [ "$parent" = "$script" ] || exit 0
    own=$((user + system))
    clock
    left=$(($1 - now))
    if ((left <= 0)); then return 0; fi
    if ((left > 200)); then left=200; fi
    printf -v left '%d.%02d' $((left / 100)) $((left % 100))
    read -rt "$left" -u "$idle"
    # It can only time out.
    (($? > 128)) || exit 0
  done
}

# Every 30 s at most, and no more after three failures.
ask_gpus() {
  local answer line util used
  gpu=
  if ((asks == 0 || now < gpus_at)); then return 0; fi
  gpus_at=$((now + 3000))
  answer="$(timeout --foreground -s KILL 5 nvidia-smi -i "$1" --query-gpu=utilization.gpu,memory.used --format=csv,noheader,nounits)" ||
    { asks=$((asks - 1)); return 0; }
  while [[ $answer =~ ^([^,$'\\n']*),\\ *([0-9]+)[^$'\\n']*($'\\n')?(.*)$ ]]; do
    util=\${BASH_REMATCH[1]} used=\${BASH_REMATCH[2]} answer=\${BASH_REMATCH[4]}
    [[ $util =~ ^[0-9]+$ ]] || util=null
    gpu="$gpu\${gpu:+,}{\\"util\\":$util,\\"memory_bytes\\":$((10#$used * 1048576))}"
  done
  [ -z "$gpu" ] || gpu=",\\"gpu\\":[$gpu]"
}

loop() {
  local idle out due lines=0 asks=0 gpus_at=500 step
  exec {idle}<> <(:)
  # A start of the job has a file of its own; one that lost the run keeps the old one.
  rm -f -- "$file"
  exec {out}>> "$file" || exit 0
  case $1 in '' | NoDevFiles) ;; *) if type -P nvidia-smi > /dev/null; then asks=3; fi ;; esac
  until_time 0
  due=$now
  while ((lines < ${MOST_LINES})); do
    # All of it takes less than 0.1 % of a core, after the first 50 ms.
    if ((own <= 5 + now / 1000)); then
      measure
      ask_gpus "$1"
      [ -z "$cpu$bytes" ] || point >&"$out"
      lines=$((lines + 1))
      # The time limit was extended.
      if ((lines >= ${SPARSE_FROM} && lines % 100 == 0)); then interval=$((interval * 2)); fi
    fi
    step=$interval
    if ((now < 6000)); then step=100; fi
    due=$((due + step))
    if ((due <= now)); then due=$((now + step)); fi
    until_time "$due"
  done
}

# Whether the kernel has killed for memory, and the most that was used.
killed() {
  local list peak
  if [ "$kind" = v2 ]; then
    text_of "$memory/memory.events"
    field oom_kill
    ((\${value:-0} > 0)) && { number "$memory/memory.peak" || number "$memory/memory.max"; }
    return
  fi
  [ "$kind" = v1 ] && number "$memory/memory.max_usage_in_bytes" || return
  peak=$value
  for list in "$memory"/memory.oom_control "$memory"/step_*/memory.oom_control "$memory"/step_*/task_*/memory.oom_control; do
    text_of "$list"
    field oom_kill
    if ((\${value:-0} > 0)); then value=$peak; return 0; fi
  done
  # The count of a step that is over is gone.
  [ "$1" = 137 ] && number "$memory/memory.limit_in_bytes" && ((peak >= value / 100 * 98)) && value=$peak
}
last() {
  local line
  [ -f "$file" ] && [ ! -L "$file" ] || return 0
  line="$(tail -c 1000 -- "$file")"
  line=\${line##*$'\\n'}
  if [[ $line =~ \\"cpu_seconds\\":([0-9]+)\\.([0-9]{3}), ]]; then top=$((10#\${BASH_REMATCH[1]} * 1000 + 10#\${BASH_REMATCH[2]})); fi
  clock
  measure
  if killed "$1" && ((value > \${bytes:-0})); then bytes=$value; fi
  [ -z "$cpu$bytes" ] || point >> "$file"
}

find_groups
case $1 in loop) loop "$5" ;; last) last "$5" ;; esac
`;
