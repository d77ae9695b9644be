/** Whom a gift is sent to (seed 003 `consignee`). */
export interface Consignee {
  name: string;
  phone: string;
  area: string;
  detail: string;
}
