/**
 * For an index and objects of our own: what the user's settings would change in them. A name that is no good on another
 * system (`git~1`) is a name here.
 */
export const OWN_INDEX: readonly string[] = [
  'core.protectNTFS=false',
  'core.protectHFS=false',
  'core.sparseCheckout=false',
  'index.sparse=false',
  'core.splitIndex=false',
  'core.fsync=none',
].flatMap((setting) => ['-c', setting]);
