/**
 * Slurm's own sentences for an answer that was lost or not given at this moment. Pure. Whole sentences only: sites also
 * say "try again later", "temporarily" and "timed out" about accounts and file systems. Source: the table of messages
 * in libslurm (slurm_errno.c) of 20.11, 21.08, 22.05, 23.02, 23.11, 24.05, 24.11, 25.05, 25.11 and 26.05.
 */
const SENTENCES: ReadonlySet<string> = new Set([
  // Between sbatch and the controller.
  'Unable to contact slurm controller (connect failure)',
  'Unable to contact slurm controller (send failure)',
  'Unable to contact slurm controller (receive failure)',
  'Unable to contact slurm controller (shutdown failure)',
  'Communication connection failure',
  'Communication shutdown failure',
  'Message send failure',
  'Message receive failure',
  'Unexpected message received',
  'Unexpected missing socket error',
  'Unable to process incoming file descriptor',
  'Unable to process outgoing file descriptor',
  'Unable to process incoming and outgoing file descriptors',
  'Connection rejected by handler',
  'Connection forced closed by quiesce timeout',
  'Connection timed out establishing',
  'Connection timed out writing',
  'Connection timed out reading',
  'Insane message length',
  'Received zero length message',
  'Received message length < 0',
  'Failed to send entire message',
  'Header lengths are longer than data received',
  'Socket timed out on send/recv operation',
  'Zero Bytes were transmitted or received',
  // The controller is busy, starting, or not the primary one.
  'Rate limit exceeded, please retry momentarily',
  'Rate limit exceeded, please retry later',
  'Unable to create job record, try again',
  'Requested nodes are busy',
  'Required ports are in use',
  'Slurm backup controller in standby mode',
  'Controller is in standby mode, try a different controller',
  'Operation now in progress',
  // Credentials, which expire while a controller is busy.
  'Protocol authentication error',
  'Invalid authentication credential',
  'Authentication credential invalid',
  'Authentication credential expired',
  'Cannot unpack credential',
  'Failed to connect to authentication agent',
  'Failed to open authentication public key',
  // Not in Slurm's table: errors of the system that a connection can leave behind.
  'Resource temporarily unavailable',
  'Interrupted system call',
  'Input/output error',
  'Broken pipe',
  'Cannot allocate memory',
  'No buffer space available',
  'Too many open files',
  'Too many open files in system',
  'Connection timed out',
  'Connection refused',
  'Connection reset by peer',
  'Software caused connection abort',
  'Network is down',
  'Network is unreachable',
  'No route to host',
  'Host is down',
  'Transport endpoint is not connected',
]);

/** sbatch's error about a submission: whether it leaves open if there is a job. */
export function isLostAnswer(sentence: string): boolean {
  return SENTENCES.has(sentence);
}

/**
 * sbatch's messages about itself: that it tries again, after an answer that it does not show, or that it found no
 * controller. A refusal after the first of these proves nothing about the first try.
 */
const OWN_LINES: readonly RegExp[] = [
  /^Slurm temporarily unable to accept job, sleeping and retrying\.?$/,
  /^Slurm job queue full, sleeping and retrying\.?$/,
  /^Job creation temporarily disabled, retrying\.?$/,
  /^Could not establish a configuration source$/,
  /^There is a problem talking to the database: /,
  /^No clusters can be reached now\. /,
];

export function saysOfItselfThatItLost(line: string): boolean {
  return OWN_LINES.some((form) => form.test(line));
}
