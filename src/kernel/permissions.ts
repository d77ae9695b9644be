/** What may be granted in a back-office system (`sites.md`). */
export const PERMISSIONS = ['members:read', 'members:write'] as const;
