/** The line for a shell that makes `autolab` a command for it and for the scripts that it starts; an alias is only for itself. */
export function pathLine(root) {
  return `export PATH="${`${root}/bin`.replaceAll(/[\\"$`]/g, '\\$&')}:$PATH"`;
}
