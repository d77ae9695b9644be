import { invalid } from './errors.ts';

/** What may be granted in a back-office system (`sites.md`). */
export const PERMISSIONS = ['members:read', 'members:write'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Which of a site's back-office systems somebody may work in, and what they may do there. */
export interface Access {
  systems: string[];
  permissions: string[];
}

/** An access without repetitions; 400 that names the first system or permission that this site does not have. */
export function checkedAccess(site: { systems: string[] }, { systems, permissions }: Access): Access {
  const system = systems.findIndex((one) => !site.systems.includes(one));
  if (system >= 0) throw invalid(`systems.${system}`, 'is not a system of this site');
  const permission = permissions.findIndex((one) => !PERMISSIONS.includes(one as Permission));
  if (permission >= 0)
    throw invalid(`permissions.${permission}`, `must be one of: ${PERMISSIONS.join(', ')}`);
  return { systems: [...new Set(systems)], permissions: [...new Set(permissions)] };
}
