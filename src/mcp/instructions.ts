/** What the server says of itself to every client. */
export const INSTRUCTIONS = `autolab runs experiments that a reviewer has approved, each exactly once, and keeps a record of them.

How to work: call \`next\`; it says what the project waits for and whose turn it is. Then follow \`next_tool\` of each answer. Add an experiment with \`new\`, check it with \`check\`, wait for the approval with \`wait\`, start it with \`launch\` and the \`approved_digest\` and \`after\` that \`next\` returned, call \`wait\` until it has ended, then \`extract\`. A run continues between your calls, and without you.

What you cannot do here: approve, reject, decide, re-open, abandon or unlock. A reviewer does that, in a terminal. Show the user the command that \`next\` returns as \`next_command\`, and wait for the person: call \`wait\` until the stage changes. Do not write review_result.json, decision_result.json, anything under .autolab/ or in a run's folder yourself, and do not look for another way around the review.

When something fails: the answer has \`code\`, \`message\`, \`hint\`, and \`problems\` with file, line and pointer. Fix what they name, then call \`next\`. A launch is never repeated by mistake: the same arguments are the same launch. Do not start a run outside of autolab.`;
