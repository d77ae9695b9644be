import { Agent, request } from 'node:http';

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  key: string;
  body?: unknown;
}

export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** Answers that were no success. */
  failed: number;
  bodies: string[];
}

const CONNECTIONS = 64;

function send(
  agent: Agent,
  port: number,
  { method, path, key, body }: Call,
): Promise<{ status: number; text: string }> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent,
        headers: {
          Authorization: `Bearer ${key}`,
          ...(payload
            ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }
            : {}),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

/** Sends calls, 64 at a time, until there are no more or the time is over. */
export async function drive(
  port: number,
  next: (index: number) => Call | null,
  milliseconds = Number.POSITIVE_INFINITY,
  keep = false,
): Promise<Measured> {
  // Its own each time: idle connections are closed from the other side.
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times: number[] = [];
  const bodies: string[] = [];
  let failed = 0;
  let index = 0;
  const begun = performance.now();
  const worker = async () => {
    while (performance.now() - begun < milliseconds) {
      const call = next(index++);
      if (!call) return;
      const sentAt = performance.now();
      const { status, text } = await send(agent, port, call);
      times.push(performance.now() - sentAt);
      if (status >= 300) failed += 1;
      if (keep) bodies.push(text);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  const seconds = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), failed, bodies };
}
