import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A start's hold on its state folder and its port. */
interface Claim {
  /** Gives the port to workerd; until then this process holds it, so that of two starts one fails here. */
  handOver(): Promise<void>;
  /** Notes the processes that this one has started, so that a later start can tell what they were. */
  record(): void;
  release(): void;
}

/** What runs on a state folder: pids with what tells a process from a later one of the same pid. */
interface Note {
  port: number;
  parent: Process;
  children: Process[];
}

interface Process {
  pid: number;
  identity: string;
}

/**
 * Claims the state folder and the port. A workerd that a killed run left behind is named and ended; any other
 * process is named, and nothing is started.
 */
export async function claimPort(port: number, stateDir: string): Promise<Claim> {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'run.json');
  const known = read(file);
  if (known && isSame(known.parent)) {
    const { pid } = known.parent;
    throw new Error(
      `Sluice is running on this state already, on port ${known.port}, as process ${pid} (kill ${pid} ends it).`,
    );
  }
  const leftOver = known?.children.filter(isSame) ?? [];
  for (const { pid } of leftOver) {
    console.log(`A workerd of an earlier run is left over, process ${pid}: ending it.`);
    process.kill(pid, 'SIGKILL');
  }
  let holder = await listen(port);
  // What was killed lets its port go a moment later.
  for (let tries = 0; !holder && leftOver.length > 0 && tries < 50; tries += 1) {
    await pause(100);
    holder = await listen(port);
  }
  if (!holder) {
    const other = processOnPort(port);
    throw new Error(
      `Port ${port} is taken by ${other ? `process ${other.pid} (${other.command})` : 'another process'}.\n` +
        `End it${other ? ` (kill ${other.pid})` : ''}, or choose another port: PORT=${port + 1} npm start`,
    );
  }
  const note = (): Note => ({
    port,
    parent: describe(process.pid),
    children: childrenOf(process.pid).map(describe),
  });
  write(file, { ...note(), children: [] });
  return {
    handOver: () => new Promise((done) => holder.close(() => done())),
    record: () => write(file, note()),
    release: () => rmSync(file, { force: true }),
  };
}

/** Nothing where there is no note, or one that a kill cut short. */
function read(file: string): Note | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Note;
  } catch {
    return null;
  }
}

function write(file: string, note: Note): void {
  writeFileSync(`${file}.new`, JSON.stringify(note));
  renameSync(`${file}.new`, file);
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

function describe(pid: number): Process {
  return { pid, identity: identityOf(pid) ?? '' };
}

function isSame({ pid, identity }: Process): boolean {
  return pid !== process.pid && identity !== '' && identityOf(pid) === identity;
}

/** When a process began and what it is; null when it is dead. Linux has it in /proc, without any tool. */
function identityOf(pid: number): string | null {
  try {
    const [state, , ...rest] = statOf(pid);
    if (state === 'Z') return null;
    return `${rest[17]} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8')}`;
  } catch {
    return run('ps', ['-o', 'lstart=,command=', '-p', String(pid)]).trim() || null;
  }
}

/** State, parent and the rest of /proc/<pid>/stat, after the name, which can have anything in it. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function childrenOf(parent: number): number[] {
  const direct =
    allPids()?.filter((pid) => parentOf(pid) === parent) ??
    run('pgrep', ['-P', String(parent)])
      .split('\n')
      .filter(Boolean)
      .map(Number);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

function allPids(): number[] | null {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return null;
  }
}

function parentOf(pid: number): number | null {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return null;
  }
}

function processOnPort(port: number): { pid: number; command: string } | null {
  const listed =
    run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']) ||
    (/pid=(\d+)/.exec(run('ss', ['-ltnpH', `sport = :${port}`]))?.[1] ?? '') ||
    (run('fuser', [`${port}/tcp`]).match(/\d+/)?.[0] ?? '');
  const pid = Number(listed.split('\n')[0]);
  return pid > 0
    ? { pid, command: run('ps', ['-o', 'command=', '-p', String(pid)]).trim() || 'unknown' }
    : null;
}

/** A tool's output; empty where the tool is not there or found nothing. */
function run(tool: string, parameters: string[]): string {
  try {
    return execFileSync(tool, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
