import { readFileSync } from 'node:fs';

/** What the committed document says that an operation may answer: by status, the errors' names or codes. */
export interface DocumentedOperation {
  id: string;
  method: string;
  template: string;
  /** Whether it says that nobody needs to sign in. */
  open: boolean;
  /** The example of what is sent. */
  body: unknown;
  /** A regular expression of its paths. */
  path: string;
  answers: Record<string, string[]>;
}

interface Document {
  paths: Record<string, Record<string, Documented>>;
}
interface Documented {
  operationId: string;
  security: object[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, Answered>;
}
interface Answered {
  content?: Record<string, { examples?: Record<string, { value: { error?: string; code?: unknown } }> }>;
}

/** Reads the document, for the tests in workerd, which have no files: literal paths before those with parameters. */
export function contractIndex(file: string): DocumentedOperation[] {
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as Document;
  return Object.entries(paths)
    .sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
    .flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => method !== 'parameters')
        .map(([method, { operationId, security, requestBody, responses }]) => ({
          id: operationId,
          method: method.toUpperCase(),
          template: path,
          open: security.length === 0 || security.some((one) => Object.keys(one).length === 0),
          body: requestBody?.content['application/json']?.example ?? null,
          path: `^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`,
          answers: Object.fromEntries(
            Object.entries(responses).map(([status, answered]) => [status, namesOf(answered)]),
          ),
        })),
    );
}

/** The errors' names or codes of an answer, by its examples. */
export function namesOf({ content = {} }: Answered): string[] {
  return Object.values(content).flatMap(({ examples = {} }) =>
    Object.values(examples).flatMap(({ value }) => [value.error, value.code].filter(Boolean).map(String)),
  );
}
