import type { Ctx } from '#kernel/context';
import type { Access } from '#kernel/permissions';
import type { Services } from '#kernel/services';

/** Hono's types of every surface: services come in as its `env`, what the frame finds out as variables. */
export interface SurfaceEnv {
  Bindings: Services;
  Variables: {
    requestId: string;
    /** The whole body, at most 64 KiB; empty where there is none. */
    body: Uint8Array<ArrayBuffer>;
    ctx: Ctx;
    /** The API key of a machine, as it was sent. */
    apiKey: string;
    /** What the caller may do in back offices. */
    access: Access;
  };
}

/** What `app.ts` loads on first use. */
export interface Surface {
  fetch(request: Request, services: Services, execution: ExecutionContext): Response | Promise<Response>;
}
