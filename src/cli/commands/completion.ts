import { callSuccess } from '../../index.ts';
import { type CommandHandler, UsageError } from '../command.ts';

/** The scripts ask the program itself, with `autolab __complete -- WORDS`, and leave files to the shell. */

const BASH = `# bash completion for autolab, made by: autolab completion bash
_autolab() {
  local current=\${COMP_WORDS[COMP_CWORD]} line
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      :folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
      *) line=\${line%%$'\\t'*}; COMPREPLY+=("$line"); [[ $line == */ ]] && compopt -o nospace ;;
    esac
  done < <("$1" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  return 0
}
complete -F _autolab autolab
`;

const ZSH = `#compdef autolab
# zsh completion for autolab, made by: autolab completion zsh
_autolab() {
  local line word
  local -a found bare
  while IFS= read -r line; do
    case $line in
      :file) _files; return ;;
      :folder) _files -/; return ;;
    esac
    word=\${line%%$'\\t'*}
    if [[ $word == */ ]]; then bare+=("$word")
    elif [[ $line == *$'\\t'* ]]; then found+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
    else found+=("\${word//:/\\\\:}")
    fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#bare )) && compadd -S '' -- $bare
  (( $#found )) && _describe autolab found
}
if [[ \${funcstack[1]} == _autolab ]]; then _autolab "$@"; else compdef _autolab autolab; fi
`;

const FISH = `# fish completion for autolab, made by: autolab completion fish
function __autolab_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    for line in ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path "$current"
            case :folder
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete --command autolab --no-files --arguments '(__autolab_complete)'
`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
]);

export const completion: CommandHandler = (_ctx, words) => {
  const shell = words[0] ?? '';
  const script = SCRIPTS.get(shell);
  if (script === undefined)
    throw new UsageError(`completion takes one of ${[...SCRIPTS.keys()].join(', ')}, not ${JSON.stringify(shell)}`);
  const result = callSuccess('completion', `The completion script for ${shell}.`);
  return { result: { ...result, ...{ shell, script } }, text: script };
};
