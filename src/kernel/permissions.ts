import { AppError, type Fault } from './errors.ts';

/** What may be granted in a back-office system (`sites.md`). */
export const PERMISSIONS = ['members:read', 'members:write'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Which of a site's back-office systems somebody may work in, and what they may do there. */
export interface Access {
  systems: string[];
  permissions: string[];
}

/** An access without repetitions; 400 that names each system and permission that this site does not have. */
export function checkedAccess(site: { systems: string[] }, { systems, permissions }: Access): Access {
  const faults: Fault[] = [];
  systems.forEach((one, index) => {
    if (!site.systems.includes(one))
      faults.push({ path: `systems.${index}`, message: 'is not a system of this site' });
  });
  permissions.forEach((one, index) => {
    if (!PERMISSIONS.includes(one as Permission))
      faults.push({ path: `permissions.${index}`, message: `must be one of: ${PERMISSIONS.join(', ')}` });
  });
  if (faults.length > 0) throw new AppError('invalid_input', { faults });
  return { systems: [...new Set(systems)], permissions: [...new Set(permissions)] };
}
