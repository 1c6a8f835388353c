import { quoteArgv } from '../platform/quoting.ts';
import { interpreterWords } from './interpreter-words.ts';

/** In `receipt/`: what it found, part by part. A part that is complete ends with the line `.`. */
export const ENVIRONMENT_PARTS = {
  host: 'environment.host',
  variables: 'environment.variables',
  /** Its kind (`none`, `unknown`), path and version; those of Python are in its part. */
  interpreter: 'environment.interpreter',
  /** Path and version of Python, then name and version of each package. */
  python: 'environment.python',
  /** The prefix, then names of files of `conda-meta`. */
  conda: 'environment.conda',
  /** Lines of `node_modules/.package-lock.json`. */
  node: 'environment.node',
  gpus: 'environment.gpus',
} as const;

/** The bound of the whole, in seconds. */
const MOST_SECONDS = 2;
/** The bound of each program that is asked, in seconds; they are asked at the same time. */
const ASKED_SECONDS = 1.5;

/** What says how a program behaves, without its results or its user's secrets. Shell patterns. */
const VARIABLES = [
  ...['PATH', 'LD_LIBRARY_PATH', 'LD_PRELOAD', 'LANG', 'LANGUAGE', 'LC_*', 'TZ', 'TMPDIR', 'LOADEDMODULES'],
  ...['CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'VIRTUAL_ENV', 'PYTHON*', 'NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH'],
  ...['R_LIBS', 'R_LIBS_USER', 'R_LIBS_SITE', 'JULIA_PROJECT', 'JULIA_DEPOT_PATH', 'JULIA_NUM_THREADS'],
  ...['CUDA_*', 'CUDNN_*', 'CUBLAS_*', 'NCCL_*', 'NVIDIA_*', 'HIP_*', 'HSA_*', 'ROCR_*', 'GPU_DEVICE_ORDINAL'],
  ...['OMP_*', 'GOMP_*', 'KMP_*', 'MKL_*', 'OPENBLAS_*', 'BLIS_*', 'NUMEXPR_*', 'VECLIB_*', 'MALLOC_*'],
  ...['OMPI_MCA_*', 'I_MPI_*', 'MPICH_*', 'UCX_*', 'FI_*', 'JAX_*', 'XLA_*', 'TORCH_*', 'PYTORCH_*'],
  ...['TF_CPP_*', 'TF_XLA_*', 'TF_GPU_*', 'TF_FORCE_*', 'TF_ENABLE_*', 'TF_DETERMINISTIC_*', 'TF_NUM_*'],
  ...['SLURM_*', 'APPTAINER_CONTAINER', 'APPTAINER_NAME', 'SINGULARITY_CONTAINER', 'SINGULARITY_NAME'],
].join(' | ');

const SECRET_NAMES = [
  ...['*TOKEN*', '*SECRET*', '*PASSW*', '*PASSPHRASE*', '*APIKEY*', '*CREDENTIAL*', '*JWT*'],
  ...['*_KEY', '*_AUTH', 'KEY', 'AUTH', '*_PASS', '*COOKIE*'],
].join(' | ');

/**
 * Python's own list of packages: names of folders on its search path, which takes no import. The working folder is left
 * out before anything is imported, since a file `os.py` in it would be the user's program.
 */
const ASK_PYTHON = `import sys
sys.path[:] = [folder for folder in sys.path if folder]
import os
lines = [sys.executable or "", sys.version.split()[0]]
for folder in sys.path:
    try:
        names = sorted(os.listdir(folder))
    except Exception:
        continue
    for name in names:
        if name.endswith(".dist-info"):
            key, _, version = name[:-10].rpartition("-")
        elif name.endswith(".egg-info"):
            key, _, version = name[:-9].partition("-")
            version = version.split("-py")[0]
        else:
            continue
        if not version:
            try:
                with open(os.path.join(folder, name, "PKG-INFO"), "rb") as told:
                    for line in told:
                        if line.startswith(b"Version:"):
                            version = line[8:].decode("utf-8", "replace").strip()
                            break
            except Exception:
                pass
        if key and not key.startswith("~"):
            lines.append(key + "\\t" + version)
with open(sys.argv[1], "wb") as out:
    out.write(("\\n".join([" ".join(line.split("\\n")) for line in lines]) + "\\n.\\n").encode("utf-8", "replace"))
`;

const BEGINNING = `if [ -z "\${autolab_bounded-}" ]; then
  export autolab_bounded=1 autolab_timeout autolab_grep autolab_env
  path="$PATH" PATH="\${autolab_path-$PATH}"
  hash timeout grep env
  autolab_timeout="\${BASH_CMDS[timeout]}" autolab_grep="\${BASH_CMDS[grep]}" autolab_env="\${BASH_CMDS[env]}"
  PATH="$path" most="\${AUTOLAB_TEST_ENVIRONMENT_SECONDS:+60}"
  exec "$autolab_timeout" -s KILL "\${most:-${MOST_SECONDS}}" "$BASH" -p -- "\${BASH_SOURCE[0]}"
fi
shopt -s nullglob
ask_python=${quoteArgv([ASK_PYTHON])}
out="\${BASH_SOURCE[0]%/*}"
for part in ${Object.values(ENVIRONMENT_PARTS).join(' ')}; do : >| "$out/$part"; done
say() { printf '%s\\n' "$@" .; }
bounded() { "$autolab_timeout" -s KILL "\${AUTOLAB_TEST_ENVIRONMENT_SECONDS:-${ASKED_SECONDS}}" "$@" < /dev/null; }
if [ "\${#assignments[@]}" -gt 0 ]; then assignments=("$autolab_env" "\${assignments[@]}"); fi
ask() { bounded "\${assignments[@]}" "$@" 2>&1; }`;

const INTERPRETER = `# Where a program is; empty if it is nowhere.
place_of() {
  place="$1"
  case $1 in
    '' | */*) ;;
    *) if hash -- "$1" 2> /dev/null; then place="\${BASH_CMDS[$1]-}"; else place=; fi ;;
  esac
  if [ ! -f "$place" ] || [ ! -x "$place" ]; then place=; fi
}

# By its name, or by the first line of a script.
kind_of() {
  local first= words
  if [[ \${1##*/} =~ ^(python|pypy)[0-9.]*$ ]]; then kind=python; return; fi
  case \${1##*/} in
    node | bash | julia | Rscript) kind="\${1##*/}"; return ;;
  esac
  kind=none
  IFS= read -r -n 1000 first < "$place"
  if [ "\${first:0:2}" != '#!' ] || [ -n "\${2-}" ]; then return; fi
  read -r -a words <<< "\${first:2}"
  if [ "\${words[0]##*/}" = env ]; then words=("\${words[@]:1}"); fi
  if [ "\${words[0]-}" = -S ]; then words=("\${words[@]:1}"); fi
  place_of "\${words[0]-}"
  if [ -n "$place" ]; then kind_of "\${words[0]}" again; else kind=unknown; fi
}

kind=unknown
place_of "$program"
if [ -n "$place" ]; then kind_of "$program"; fi

ask_version() {
  local said
  said="$(ask "$place" --version)" && if [ -n "$said" ]; then say "$kind" "$place" "\${said%%$'\\n'*}"; fi
}
{
  case $kind in
    none | unknown | python) say "$kind" ;;
    *) if [ "$place" -ef "$BASH" ]; then say "$kind" "$place" "$BASH_VERSION"; else ask_version; fi ;;
  esac
} >| "$out/${ENVIRONMENT_PARTS.interpreter}" &
`;

const PACKAGES = `# A shell script and a program may start the Python of an environment that is active.
python="$place" prefix="\${place%/bin/*}"
case $kind in
  python) ;;
  bash | none)
    if [ ! -d "$prefix/conda-meta" ]; then prefix="\${CONDA_PREFIX-}"; fi
    python="\${VIRTUAL_ENV:-\${CONDA_PREFIX-}}/bin/python"
    if [ ! -x "$python" ]; then python=; fi
    ;;
  *) python= ;;
esac
if [ -n "$python" ]; then ask "$python" "\${options[@]}" -B -c "$ask_python" "$out/${ENVIRONMENT_PARTS.python}" > /dev/null &
else say >| "$out/${ENVIRONMENT_PARTS.python}"; fi

conda() {
  local file
  if [ -n "$prefix" ] && [ -d "$prefix/conda-meta" ]; then
    printf '%s\\n' "$prefix"
    for file in "$prefix"/conda-meta/*.json; do file="\${file##*/}"; printf '%s\\n' "\${file//$'\\n'/ }"; done
  fi
  echo .
}
conda >| "$out/${ENVIRONMENT_PARTS.conda}"

node_modules() {
  local folder="$PWD"
  while [ -n "$folder" ] && [ ! -d "$folder/node_modules" ]; do folder="\${folder%/*}"; done
  if [ -d "$folder/node_modules" ]; then
    bounded "$autolab_grep" -E '^[[:space:]]*"(node_modules/[^"]*|version)": ' "$folder/node_modules/.package-lock.json" || [ $? = 1 ] || return
  fi
  echo .
}
if [ "$kind" = node ]; then node_modules; else echo .; fi >| "$out/${ENVIRONMENT_PARTS.node}"`;

const HOST = `{
  if hash nvidia-smi 2> /dev/null; then
    bounded "\${BASH_CMDS[nvidia-smi]}" --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits && echo .
  else echo .; fi
} >| "$out/${ENVIRONMENT_PARTS.gpus}" &

variables() {
  local names name value secret hidden=()
  names="$(compgen -e)"
  for name in $names; do
    case \${name^^} in ${SECRET_NAMES}) value="\${!name}"; if [ "\${#value}" -ge 6 ]; then hidden+=("$value"); fi ;; esac
  done
  for name in $names; do
    case $name in ${VARIABLES}) value="\${!name}" ;; *) continue ;; esac
    for secret in "\${hidden[@]}"; do value="\${value//"$secret"/***}"; done
    case \${name^^} in ${SECRET_NAMES}) value='***' ;; esac
    case $value in *://*@* | *[Tt][Oo][Kk][Ee][Nn]=*) value='***' ;; esac
    value="\${value:0:16384}" value="\${value//\\\\/\\\\\\\\}" value="\${value//$'\\n'/\\\\n}"
    printf '%s=%s\\n' "$name" "$value"
  done
  echo .
}
variables >| "$out/${ENVIRONMENT_PARTS.variables}"

first_line() {
  local line=
  IFS= read -r -n 4096 line < "$2"
  if [ -n "$line" ]; then printf '%s\\t%s\\n' "$1" "$line"; fi
}
first_like() {
  local lines line
  mapfile -t -n 60 lines < "$2"
  for line in "\${lines[@]}"; do
    case $line in "$3"*) printf '%s\\t%s\\n' "$1" "\${line#"$3"}"; return ;; esac
  done
}
host() {
  first_line kernel /proc/sys/kernel/osrelease
  first_like os /etc/os-release PRETTY_NAME=
  first_like cpu /proc/cpuinfo 'model name'
  first_line online /sys/devices/system/cpu/online
  first_like usable /proc/self/status Cpus_allowed_list:
  first_like memory /proc/meminfo MemTotal:
  if [ -e /.dockerenv ]; then printf 'docker\\t\\n'; fi
  if [ -e /run/.containerenv ]; then printf 'podman\\t\\n'; first_like image /run/.containerenv image=; fi
  echo .
} 2> /dev/null
host >| "$out/${ENVIRONMENT_PARTS.host}"`;

/**
 * Writes down what the entrypoint will find. It asks programs for their version and their packages, and never starts
 * the entrypoint itself. Nothing depends on it: whatever fails leaves its part incomplete. It is meant for `bash -p`,
 * which takes neither functions nor BASH_ENV from the environment. `autolab_path` is the PATH with coreutils, from before
 * the activation. Bash 4.2.
 */
export function environmentScript(argv: readonly string[]): string {
  const { assignments, program, options } = interpreterWords(argv) ?? { assignments: [], program: '', options: [] };
  return `# autolab environment v1
program=${quoteArgv([program])}
assignments=(${quoteArgv(assignments)}) options=(${quoteArgv(options)})
${BEGINNING}
${INTERPRETER}
${PACKAGES}
${HOST}
wait
`;
}
