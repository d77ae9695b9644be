import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** How a refusal is told: each surface makes its own code of `status` and `n`. Published; never renumbered. */
export interface ErrorRow {
  status: ContentfulStatusCode;
  /** 0–99, unique within its status. */
  n: number;
  en: string;
  zh: string;
}
