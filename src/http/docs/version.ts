/** The version that the documents and `/healthz` name. */
export const VERSION = '0.1.0';
