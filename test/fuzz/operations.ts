import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { namesOf } from '../support/contract-index.ts';

/** A JSON Schema, as far as anybody here looks into one. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

interface Content {
  schema: Schema;
  example?: unknown;
  examples?: Record<string, { value: { error?: string; code?: unknown } }>;
}

interface Described {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Content> };
  responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, Content> }>;
}

export interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

/** What a schema has against a value. */
type Check = (value: unknown) => ErrorObject[];

/** What an operation may answer with a status. */
export interface Documented {
  /** Names or codes of errors; empty where it is no refusal. */
  errors: string[];
  headers: string[];
  /** By content type. */
  bodies: Record<string, Check>;
}

export interface Operation {
  id: string;
  method: string;
  /** With `{parameter}`s. */
  path: string;
  parameters: Parameter[];
  /** What is sent, if anything. */
  body: { required: boolean; types: string[]; schema: Schema; check: Check; example: unknown } | null;
  answers: Record<string, Documented>;
}

/** Reads a served document. */
export function operationsOf(document: Document): Operation[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'sluice');
  const compiled = (...place: string[]): Check => {
    let validate: ValidateFunction | null = null;
    const pointer = place
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent);
    return (value) => {
      // Most statuses of most operations are never asked about, and each takes some milliseconds.
      validate ??= ajv.compile({ $ref: `sluice#/${pointer.join('/')}` });
      return validate(value) ? [] : (validate.errors ?? []);
    };
  };
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, parameters = [], requestBody, responses }]) => {
      const at = ['paths', path, method];
      const sent = Object.entries(requestBody?.content ?? {});
      const [type, content] = sent[0] ?? [];
      const body = type &&
        content && {
          required: requestBody?.required === true,
          types: sent.map(([one]) => one),
          schema: content.schema,
          check: compiled(...at, 'requestBody', 'content', type, 'schema'),
          example: content.example ?? {},
        };
      const answers = Object.entries(responses).map(([status, { headers = {}, content: told = {} }]) => {
        const documented: Documented = {
          errors: namesOf({ content: told }),
          headers: Object.keys(headers),
          bodies: Object.fromEntries(
            Object.keys(told).map((one) => [
              one,
              compiled(...at, 'responses', status, 'content', one, 'schema'),
            ]),
          ),
        };
        return [status, documented] as const;
      });
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        parameters,
        body: body || null,
        answers: Object.fromEntries(answers),
      };
    }),
  );
}
