// What `autolab status` and nearly every other command loads. The builder makes it a part of every entry that shares code,
// so it becomes one chunk: each further file takes about a millisecond to load.
import '../../src/cli/commands/status.ts';
import '../../src/cli/make-program.ts';
import '../../src/cli/program.ts';
import '../../src/commands/verbs/status.ts';
