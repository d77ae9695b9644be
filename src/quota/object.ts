import { DurableObject } from 'cloudflare:workers';
import type { Clock } from '#kernel/clock';
import type {
  Admission,
  Denied,
  EndRequest,
  MemberUsage,
  OwnerAddress,
  OwnerDirectory,
  OwnerSnapshot,
  QuotaReader,
  QuotaReading,
  Refusal,
  ReserveRequest,
  Settlement,
} from '#kernel/quota';
import { QuotaEngine } from './engine.ts';
import { sqlStorage } from './storage.ts';

/** What an object needs from outside; an entry (`worker.ts`, `dev/worker.ts`) binds it. */
export interface QuotaObjectPorts {
  clock: Clock;
  directory: OwnerDirectory;
}

/**
 * The quota object of one owner (a member on a personal plan, or an enterprise): all counters of an
 * admission live here, so the check is one atomic step.
 */
export abstract class QuotaObjectBase extends DurableObject<unknown> {
  private readonly engine: QuotaEngine;
  private loading: Promise<void> | null = null;

  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    this.engine = new QuotaEngine(sqlStorage(state.storage.sql));
  }

  protected abstract ports(): QuotaObjectPorts;

  async reserve(at: OwnerAddress, request: ReserveRequest): Promise<Admission | Refusal | Denied> {
    await this.ready(at, request.spender.ownerVersion);
    return this.engine.reserve(request, this.ports().clock.now());
  }

  async settle(at: OwnerAddress, request: EndRequest): Promise<Settlement | Denied> {
    await this.ready(at, 0);
    return this.engine.settle(request, this.ports().clock.now());
  }

  async release(at: OwnerAddress, request: Omit<EndRequest, 'tokens'>): Promise<Settlement | Denied> {
    await this.ready(at, 0);
    return this.engine.release(request, this.ports().clock.now());
  }

  async read(at: OwnerAddress, reader: QuotaReader): Promise<QuotaReading | Denied> {
    await this.ready(at, 'spender' in reader ? reader.spender.ownerVersion : Number.POSITIVE_INFINITY);
    return this.engine.read(reader, this.ports().clock.now());
  }

  async memberUsage(at: OwnerAddress): Promise<MemberUsage> {
    await this.ready(at, 0);
    return this.engine.memberUsage(this.ports().clock.now());
  }

  async apply(snapshot: OwnerSnapshot): Promise<void> {
    this.engine.apply(snapshot);
  }

  /**
   * An object without limits, or told of a newer version than it has, reads D1 once; those who come meanwhile
   * wait for that reading, and read again only where it was not new enough for them.
   */
  private async ready(at: OwnerAddress, wanted: number): Promise<void> {
    const isReady = () => this.engine.version !== null && this.engine.version >= wanted;
    if (isReady()) return;
    if (this.loading) await this.loading;
    if (isReady()) return;
    this.loading = this.ports()
      .directory.load(at)
      .then((snapshot) => this.engine.apply(snapshot))
      .finally(() => {
        this.loading = null;
      });
    await this.loading;
  }
}
