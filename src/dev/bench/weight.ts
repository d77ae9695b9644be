import { execFileSync } from 'node:child_process';
import { constants, publicEncrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scratch } from '../scratch.ts';
import { runWrangler } from '../workerd.ts';

const LOGINS = 64;

/** The size of the deployed bundle, and how long it takes to start (`wrangler check startup`), in wrangler's own lines. */
export function startupOf(root: string): string[] {
  const profile = join(tmpdir(), 'sluice-startup.cpuprofile');
  const printed = runWrangler(root, ['check', 'startup', '--outfile', profile]);
  const lines = printed
    .split('\n')
    .map((line) => line.replace(/^\W+/, ''))
    .filter((line) => /^(Bundle|Active):/.test(line));
  if (lines.length !== 2) throw new Error(`wrangler says nothing of the start:\n${printed}`);
  return lines;
}

/**
 * MiB by which the process's memory grew above its peak until then while so many people signed in at once, each of whom takes a
 * password's 16 MiB; null where the machine does not tell (no /proc). Production has 128 MiB for an isolate.
 */
export async function memoryOfLogins({
  url,
}: Scratch): Promise<{ logins: number; mebibytes: number } | null> {
  const before = peakMemory();
  const { data } = (await (await fetch(`${url}/api/v1/auth/public-key`)).json()) as {
    data: { key_id: string; public_key: string };
  };
  const login = async (index: number) => {
    const key = { key: data.public_key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const password = publicEncrypt(key, Buffer.from(`Password${index}`)).toString('base64');
    const answer = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': `192.0.2.${index}` },
      body: JSON.stringify({ account: `nobody-${index}@example.com`, key_id: data.key_id, password }),
    });
    if (answer.status !== 401) throw new Error(`a login was answered ${answer.status}`);
  };
  await Promise.all(Array.from({ length: LOGINS }, (_, index) => login(index)));
  const peak = peakMemory();
  return before === null || peak === null
    ? null
    : { logins: LOGINS, mebibytes: Math.round((peak - before) / 1024) };
}

/** KiB that the workerd which this process started last has had at the most. */
function peakMemory(): number | null {
  try {
    const [pid] = execFileSync('pgrep', ['-n', '-P', String(process.pid), '-x', 'workerd'], {
      encoding: 'utf8',
    }).split('\n');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
  } catch {
    return null;
  }
}
