/** A tenant: one D1 database, its time zone, its currency, the hosts it answers to, its back-office systems. */
export interface Site {
  key: string;
  database: string;
  timeZone: string;
  currency: string;
  hosts: string[];
  systems: string[];
}
