/**
 * The script that runs a command in the Debian below `root`: this machine's folders (`/tmp`, `/home`, `/work`, `/proc`,
 * `/sys`…) are at their places, the system's own (`/usr`, `/etc`, `/var`…) are those of the release. The mounts are in a
 * namespace of the command's own: they go when it ends, and no other process sees them, so none can be left behind.
 *
 * @param {string} root
 * @param {string} node path of the program: jobs call it as well
 */
export function enterScript(root, node) {
  return `#!/bin/sh
# enter COMMAND [ARG...], written by npm run slurm:up
set -eu
# A job that calls a client is inside already.
if [ -e /.autolab-release ]; then exec "$@"; fi
exec unshare --mount --propagation private /bin/sh -euc '
root=$1
node=$2
folder=$3
shift 3
for path in /*; do
  case "$path" in
    /bin|/sbin|/lib*|/usr|/etc|/var|/run|/boot|/lost+found) continue ;;
  esac
  if [ ! -d "$path" ] || [ -L "$path" ]; then continue; fi
  [ -d "$root$path" ] || mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
done
files="/etc/hosts /etc/hostname /etc/resolv.conf"
# The packages make users of their own while the release is being made.
if [ -e "$root/.autolab-release" ]; then
  files="$files /etc/passwd /etc/group $node"
fi
for path in $files; do
  if [ ! -f "$path" ]; then continue; fi
  [ -e "$root$path" ] || { mkdir -p "$root\${path%/*}"; : > "$root$path"; }
  mount --bind "$path" "$root$path"
done
exec chroot "$root" /bin/sh -c "cd \\"\\$1\\" 2>/dev/null || cd /; shift; exec \\"\\$@\\"" sh "$folder" "$@"
' sh '${root}' '${node}' "$PWD" "$@"
`;
}

/** @param {string} enter path of that script @param {string} client a command of Slurm */
export function wrapperFor(enter, client) {
  return `#!/bin/sh
exec '${enter}' /usr/bin/${client} "$@"
`;
}
