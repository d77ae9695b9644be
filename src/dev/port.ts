import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Who runs on a state folder: the process of `npm start` and the workerd processes it started. */
interface Claim {
  /** Notes this process and its children, so that a later start can tell what they were. */
  record(): void;
  release(): void;
}

/**
 * Makes sure that the port is free. A workerd that a killed run left behind is named and ended; any other
 * process on the port is named, and nothing is started.
 */
export async function claimPort(port: number, stateDir: string): Promise<Claim> {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, `run-${port}.json`);
  await endLeftovers(file, port);
  if (!(await isFree(port))) {
    const holder = processOnPort(port);
    throw new Error(
      `Port ${port} is taken by ${holder ? `process ${holder.pid} (${holder.command})` : 'another process'}.\n` +
        `End it${holder ? ` (kill ${holder.pid})` : ''}, or choose another port: PORT=8788 npm start`,
    );
  }
  return {
    record: () =>
      writeFileSync(file, JSON.stringify({ parent: process.pid, children: childrenOf(process.pid) })),
    release: () => rmSync(file, { force: true }),
  };
}

async function endLeftovers(file: string, port: number): Promise<void> {
  if (!existsSync(file)) return;
  const { parent, children } = JSON.parse(readFileSync(file, 'utf8')) as {
    parent: number;
    children: number[];
  };
  if (commandOf(parent)?.includes('start.ts')) {
    throw new Error(
      `Sluice is running here already on port ${port}, as process ${parent} (kill ${parent} ends it).`,
    );
  }
  for (const pid of children.filter((one) => commandOf(one)?.includes('workerd'))) {
    console.log(`A workerd of an earlier run is left over, process ${pid}: ending it.`);
    process.kill(pid, 'SIGKILL');
  }
  for (let tries = 0; tries < 50 && !(await isFree(port)); tries += 1) await pause(100);
  rmSync(file, { force: true });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function childrenOf(pid: number): number[] {
  const direct = run('pgrep', ['-P', String(pid)])
    .split('\n')
    .filter(Boolean)
    .map(Number);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

function commandOf(pid: number): string | null {
  return run('ps', ['-o', 'command=', '-p', String(pid)]).trim() || null;
}

function processOnPort(port: number): { pid: number; command: string } | null {
  const listed =
    run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']) ||
    (/pid=(\d+)/.exec(run('ss', ['-ltnpH', `sport = :${port}`]))?.[1] ?? '') ||
    (run('fuser', [`${port}/tcp`]).match(/\d+/)?.[0] ?? '');
  const pid = Number(listed.split('\n')[0]);
  return pid > 0 ? { pid, command: commandOf(pid) ?? 'unknown' } : null;
}

/** A tool's output; empty where the tool is not there or found nothing. */
function run(tool: string, parameters: string[]): string {
  try {
    return execFileSync(tool, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
