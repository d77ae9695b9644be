import { DurableObject } from 'cloudflare:workers';
import { dayWindow } from '#kernel/calendar';
import { type Clock, DAY, HOUR, SECOND } from '#kernel/clock';
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
  UsageLedger,
} from '#kernel/quota';
import { QuotaEngine } from './engine.ts';
import { type QuotaJournal, sqlJournal } from './journal.ts';
import { deliveryOf } from './usage.ts';

/** What an object needs from outside; an entry (`worker.ts`, `dev/worker.ts`) binds it. */
export interface QuotaObjectPorts {
  clock: Clock;
  directory: OwnerDirectory;
  usage: UsageLedger;
  /** Admit from memory below what was written ahead; else (for comparison) write each time. */
  ahead: boolean;
  log(event: string, error: unknown): void;
}

/** How long what is exact may be in memory only: well before an idle object loses it. */
const FLUSH_AFTER = 5 * SECOND;
/** For how long, after a write of what ended, what ends next waits for more: at load many share a row. */
const PACK_FOR = 10;
/** How often usage is brought into D1. */
const DELIVER_EVERY = 20 * SECOND;
/** Entries of the journal that go into one batch. */
const DELIVERY = 200;

/**
 * The quota object of one owner (a member on a personal plan, or an enterprise): all counters of an admission live
 * here, so the check is one atomic step.
 */
export abstract class QuotaObjectBase extends DurableObject<unknown> {
  protected readonly journal: QuotaJournal;
  private engineOrNull: QuotaEngine | null = null;
  private loading: Promise<void> | null = null;
  private writing: Promise<void> | null = null;
  private packed: Promise<void> = Promise.resolve();
  private delivering: Promise<void> | null = null;
  private armed = false;
  private nextDelivery = 0;
  private readonly keyUses = new Map<string, number>();

  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    this.journal = sqlJournal(state.storage.sql);
  }

  protected abstract ports(): QuotaObjectPorts;

  async reserve(at: OwnerAddress, request: ReserveRequest): Promise<Admission | Refusal | Denied> {
    await this.ready(at, request.spender.ownerVersion);
    const outcome = this.engine.reserve(request, this.now);
    this.used(request.spender.keyId);
    if (request.settle && outcome.outcome === 'admitted') await this.endedAreWritten();
    return outcome;
  }

  async settle(at: OwnerAddress, request: EndRequest): Promise<Settlement | Denied> {
    await this.ready(at, 0);
    const outcome = this.engine.settle(request, this.now);
    this.used(request.spender.keyId);
    await this.endedAreWritten();
    return outcome;
  }

  async release(at: OwnerAddress, request: Omit<EndRequest, 'tokens'>): Promise<Settlement | Denied> {
    await this.ready(at, 0);
    const outcome = this.engine.release(request, this.now);
    this.used(request.spender.keyId);
    await this.endedAreWritten();
    return outcome;
  }

  async read(at: OwnerAddress, reader: QuotaReader): Promise<QuotaReading | Denied> {
    await this.ready(at, 'spender' in reader ? reader.spender.ownerVersion : Number.POSITIVE_INFINITY);
    if ('spender' in reader) this.used(reader.spender.keyId);
    return this.engine.read(reader, this.now);
  }

  async memberUsage(at: OwnerAddress): Promise<MemberUsage> {
    await this.ready(at, 0);
    return this.engine.memberUsage(this.now);
  }

  async apply(at: OwnerAddress, snapshot: OwnerSnapshot): Promise<void> {
    this.remember(at);
    this.engine.apply(snapshot);
  }

  /** Brings what was settled until now into D1. */
  async deliverUsage(at: OwnerAddress): Promise<void> {
    await this.ready(at, 0);
    this.engine.flush();
    await this.deliver();
  }

  /** Writes what is exact, and brings usage into D1. It arms itself again before the runtime gives up on it. */
  override async alarm(): Promise<void> {
    this.armed = false;
    const { log } = this.ports();
    if (this.engineOrNull) this.engine.flush();
    let failed = false;
    if (this.now >= this.nextDelivery) {
      await this.deliver().catch((error: unknown) => {
        failed = true;
        log('usage.deliver', error);
      });
      this.nextDelivery = this.now + DELIVER_EVERY;
      // An hour more than is remembered: the object's own clock may be behind this one.
      this.journal.prune(this.now - DAY - HOUR, this.now, this.journal.delivered().seq);
    }
    if (failed || this.hasUndelivered()) this.arm(DELIVER_EVERY);
  }

  /** Made when it is first needed: a test clock is bound after the constructor has run. */
  private get engine(): QuotaEngine {
    this.engineOrNull ??= new QuotaEngine(this.journal, { ahead: this.ports().ahead });
    return this.engineOrNull;
  }

  private get now(): number {
    return this.ports().clock.now();
  }

  /**
   * What ends together is one row. The first is written at once; those that come within a moment of it wait for each
   * other, and are answered when they are on disk.
   */
  private endedAreWritten(): Promise<void> {
    this.arm(FLUSH_AFTER);
    this.writing ??= this.packed.then(() => {
      this.writing = null;
      this.engine.writeEnded();
      this.packed = scheduler.wait(PACK_FOR);
    });
    return this.writing;
  }

  private used(keyId: string): void {
    this.keyUses.set(keyId, this.now);
    this.arm(FLUSH_AFTER);
  }

  /** One alarm at a time; setting it is a write. */
  private arm(after: number): void {
    if (this.armed) return;
    this.armed = true;
    const { clock } = this.ports();
    void this.ctx.storage.setAlarm(clock.toReal(clock.now() + after));
  }

  private hasUndelivered(): boolean {
    return this.keyUses.size > 0 || this.journal.entriesAfter(this.journal.delivered().seq, 1).length > 0;
  }

  private deliver(): Promise<void> {
    this.delivering ??= this.deliverAll().finally(() => {
      this.delivering = null;
    });
    return this.delivering;
  }

  private async deliverAll(): Promise<void> {
    const at = this.journal.address();
    if (!at) return;
    for (let more = true; more; ) {
      const delivered = this.journal.delivered();
      const entries = this.journal.entriesAfter(delivered.seq, DELIVERY + 1);
      more = entries.length > DELIVERY;
      const keyUses = [...this.keyUses];
      if (entries.length === 0 && keyUses.length === 0) return;
      await this.ready(at, 0);
      const timeZone = this.engine.timeZone ?? 'UTC';
      const dayOf = (time: number) => dayWindow(timeZone, time).key;
      const { delivery, next } = deliveryOf(entries.slice(0, DELIVERY), delivered, dayOf, more ? 1 : 0);
      const reached = await this.ports().usage.deliver(at, { ...delivery, keyUses });
      // Where a run before this one had got through without knowing, what it reached is where to go on.
      this.journal.saveDelivered({ ...next, seq: reached });
      more ||= reached !== next.seq;
      for (const [keyId, time] of keyUses) if (this.keyUses.get(keyId) === time) this.keyUses.delete(keyId);
    }
  }

  private remember(at: OwnerAddress): void {
    if (this.journal.address() === null) this.journal.saveAddress(at);
  }

  /**
   * An object without limits, or one told of a newer version than it has, reads D1 once; those who come meanwhile
   * wait for that reading, and read again only where it was not new enough for them.
   */
  private async ready(at: OwnerAddress, wanted: number): Promise<void> {
    const { engine } = this;
    const isReady = () => engine.version !== null && engine.version >= wanted;
    if (isReady()) return;
    if (this.loading) await this.loading;
    if (isReady()) return;
    this.loading = this.ports()
      .directory.load(at)
      .then((snapshot) => {
        this.remember(at);
        engine.apply(snapshot);
      })
      .finally(() => {
        this.loading = null;
      });
    await this.loading;
  }
}
