// What the workloads of Telnet say, and what is right to hear.

export const PROMPT = '$ ';
export const GREETING = `welcome\r\n${PROMPT}`;

/** Which command of the server each stream is. */
export const STREAMS = { stream: 'prose', iac: 'iac' };

/** Asks `ask(line)` `count` times, one after another; gives how many answers were right. */
export async function asked(count, ask) {
  let right = 0;
  for (let i = 0; i < count; i++) {
    const answer = await ask(`line ${i}`);
    if (answer.trimEnd() === `line ${i}: ok`) right++;
  }
  return right;
}
