import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { constants, publicEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { afterAll } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** How long a start may take, building and migrating included. */
const PATIENCE_MS = 45_000;
/** The last thing that a start prints. */
const RUNNING = 'Stop with Ctrl-C';

/** A process of `npm start`. */
interface Run {
  child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<string>;
  /** All that it has printed until now. */
  printed(): string;
}

const runs: Run[] = [];
const places: Place[] = [];

/** What a test file has started ends with it, and leaves nothing behind. */
afterAll(async () => {
  for (const run of runs) await killAll(run);
  for (const { stateDir } of places) {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

export interface Login {
  email: string;
  password: string;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Send {
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

export interface Place {
  port: number;
  stateDir: string;
  /** Environment variables of its own. */
  settings: Record<string, string>;
}

/** A free port, and an empty folder for the state. */
export async function newPlace(settings: Record<string, string> = {}): Promise<Place> {
  const place = { port: await freePort(), stateDir: mkdtempSync(join(tmpdir(), 'sluice-state-')), settings };
  places.push(place);
  return place;
}

/** Starts the local run and waits until it says that it runs. What it printed is in the error if it does not. */
export async function start(at?: Place): Promise<Started> {
  const place = at ?? (await newPlace());
  const run = launch(place);
  const late = new AbortController();
  const fault = await Promise.race([
    untilPrinted(run, RUNNING).then(() => null),
    run.ended.then((how) => `ended with ${how}`),
    pause(PATIENCE_MS, `did not run within ${PATIENCE_MS} ms`, { signal: late.signal }),
  ]);
  late.abort();
  if (fault !== null) {
    await killAll(run);
    throw new Error(`src/dev/start.ts on port ${place.port} ${fault}. It printed:\n${run.printed()}`);
  }
  return new Started(place, run);
}

/** A start that must fail: gives what it printed. */
export async function failedStart(place: Place): Promise<string> {
  let unwanted: Started;
  try {
    unwanted = await start(place);
  } catch (error) {
    return (error as Error).message;
  }
  await unwanted.killAll();
  throw new Error(`src/dev/start.ts on port ${place.port} must not start, but did`);
}

/** A local run that runs. */
export class Started {
  readonly url: string;
  readonly stateDir: string;
  readonly admin: Login;
  readonly demo: Login & { apiKey: string };
  readonly process: ChildProcess;
  readonly place: Place;
  /** All that it has printed until now. */
  readonly printed: () => string;
  private readonly run: Run;

  constructor(place: Place, run: Run) {
    this.place = place;
    this.stateDir = place.stateDir;
    this.process = run.child;
    this.printed = run.printed;
    this.run = run;
    const [url] = this.read(/Reference +(\S+)\/docs/);
    const [adminEmail, adminPassword] = this.read(/Admin +(\S+) +(\S+)/);
    const [email, password] = this.read(/Demo user +(\S+) +(\S+)/);
    const [apiKey] = this.read(/Demo API key +(sk-\S+)/);
    this.url = url;
    this.admin = { email: adminEmail, password: adminPassword };
    this.demo = { email, password, apiKey };
  }

  /** Asks it to end, as Ctrl-C would, and waits until it has. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.run.ended;
  }

  /** `kill -9` of the process of `npm start` alone: its workerd stays behind and goes on answering. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.run.ended;
  }

  /** `kill -9` of everything. */
  killAll(): Promise<void> {
    return killAll(this.run);
  }

  /** Starts once more, on the same port and state. */
  again(): Promise<Started> {
    return start(this.place);
  }

  /** The pids of the workerd processes that it started, dead ones not counted. */
  workerds(): number[] {
    return membersOf(this.run.child, 'workerd');
  }

  /** Sends a request on a connection of its own, since servers come and go on one port here. */
  async send<T = unknown>(method: string, path: string, sending: Send = {}): Promise<Answer<T>> {
    const { token, body, raw, headers } = sending;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Connection: 'close',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: raw ?? (body === undefined ? null : JSON.stringify(body)),
    });
    const text = await response.text();
    const json = response.headers.get('Content-Type')?.includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  /** The `data` of an answer that must be a success. */
  async data<T>(method: string, path: string, sending: Send = {}): Promise<T> {
    const { status, body } = await this.send<{ data: T }>(method, path, sending);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body.data;
  }

  /** Encrypts a password as the documents say. */
  async encrypt(password: string): Promise<{ key_id: string; password: string }> {
    const key = await this.data<{ key_id: string; public_key: string }>('GET', '/api/v1/auth/public-key');
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const cipher = publicEncrypt(
      { key: key.public_key, padding, oaepHash: 'sha256' },
      Buffer.from(password, 'utf8'),
    );
    return { key_id: key.key_id, password: cipher.toString('base64') };
  }

  /** A solved captcha, as a browser would send it. */
  async captcha(): Promise<string> {
    const { body: challenge } = await this.send<Challenge>('GET', '/api/v1/auth/captcha');
    const solution = await solveChallenge({ challenge, deriveKey });
    return btoa(JSON.stringify({ challenge, solution }));
  }

  /** Signs in, the demo user if nobody else is named, and gives the access token. */
  async signIn({ email, password }: Login = this.demo): Promise<string> {
    const body = { account: email, ...(await this.encrypt(password)) };
    return (await this.data<{ access_token: string }>('POST', '/api/v1/auth/login', { body })).access_token;
  }

  private read(pattern: RegExp): [string, string] {
    const found = pattern.exec(this.printed());
    if (!found) throw new Error(`${pattern} is not in what the start printed:\n${this.printed()}`);
    return [found[1] ?? '', found[2] ?? ''];
  }
}

function launch({ port, stateDir, settings }: Place): Run {
  const child = spawn(process.execPath, ['src/dev/start.ts'], {
    cwd: root,
    // A group of its own, so that `killAll` reaches workerd too.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings, NODE_ENV: undefined, PORT: String(port), STATE_DIR: stateDir },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => String(code ?? signal));
  const run = { child, ended, printed: () => printed };
  runs.push(run);
  return run;
}

function untilPrinted({ child, printed }: Run, text: string): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', () => {
      if (printed().includes(text)) resolve();
    });
  });
}

async function killAll({ child, ended }: Run): Promise<void> {
  try {
    if (child.pid !== undefined && membersOf(child).length > 0) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // The last of them ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await ended;
  while (membersOf(child).length > 0) await pause(20);
}

/** The living processes of a start's group, those of one command if one is named. */
function membersOf(child: ChildProcess, wanted = ''): number[] {
  return execFileSync('ps', ['-e', '-o', 'pid=,pgid=,stat=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, group]) => group === String(child.pid))
    .filter(([, , state, command]) => !state?.startsWith('Z') && command?.endsWith(wanted))
    .map(([pid]) => Number(pid));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a server on TCP has no port');
  return address.port;
}
