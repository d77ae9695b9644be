/** A slice of a list: pages count from 1. */
export interface Page {
  page: number;
  pageSize: number;
}

export interface Slice<T> extends Page {
  items: T[];
  total: number;
}

export function offsetOf({ page, pageSize }: Page): number {
  return (page - 1) * pageSize;
}
