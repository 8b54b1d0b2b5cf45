import { createInterface } from 'node:readline';

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks a question on a terminal. Resolves with the answer, `''` after Ctrl-C, Ctrl-D or a signal. */
export function ask(question: string, { input, output, signal }: Terminal): Promise<string> {
  const lines = createInterface({ input, output, terminal: true });
  return new Promise((resolve) => {
    const end = (answer: string) => {
      signal.removeEventListener('abort', giveUp);
      lines.removeAllListeners('close');
      lines.close();
      resolve(answer);
    };
    const giveUp = () => {
      output.write('\n');
      end('');
    };
    lines.once('SIGINT', giveUp).once('close', giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    lines.question(question, end);
  });
}
