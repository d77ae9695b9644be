import { Agent, request } from 'node:http';

/** A request as it goes over the wire; a header may be there twice. */
export interface Wire {
  method: string;
  path: string;
  headers: [name: string, value: string][];
  body: string | Uint8Array | null;
  /** It is as no request of the document may be, so nothing but a refusal is right. */
  isBroken: boolean;
}

export interface Answer {
  status: number;
  /** By lower-case names. */
  headers: Record<string, string | undefined>;
  text: string;
  /** What the text says, where it is JSON. */
  body: unknown;
}

/** What is no JSON is left as it is: no schema of an object allows it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** Sends a request as it is: what `fetch` would put right or refuse goes out all the same. */
export async function send(url: string, wire: Wire): Promise<Answer> {
  try {
    return await sendOnce(url, wire);
  } catch (error) {
    // The server had closed a connection that was idle: nothing was read of what was sent on it.
    if ((error as { wasIdle?: boolean }).wasIdle) return sendOnce(url, wire);
    throw error;
  }
}

function sendOnce(url: string, { method, path, headers, body }: Wire): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lines = headers.flat();
    const length = body === null ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const { hostname, port, host } = new URL(url);
    const sent = request(
      { hostname, port, method, path, agent, headers: ['Host', host, ...lines, ...length] },
      (received) => {
        const parts: Buffer[] = [];
        received.on('data', (part: Buffer) => parts.push(part));
        received.on('error', reject);
        received.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const told = received.headers as Record<string, string>;
          resolve({
            status: received.statusCode ?? 0,
            headers: told,
            text,
            body: told['content-type']?.includes('json') ? parsed(text) : text,
          });
        });
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      reject(Object.assign(error, { wasIdle: sent.reusedSocket && error.code === 'ECONNRESET' }));
    });
    sent.end(body ?? undefined);
  });
}
