/** Who may do what: a row for each operation of the documents, and how each kind of operation answers whom. */

/** Everybody who may ask, in the order of the grid's columns. */
export const ACTORS = [
  'visitor',
  'a token that is none',
  'frozen user',
  'user of another site',
  'dead API key',
  'client',
  'API key',
  'user',
  'member',
  'manager',
  'owner',
  'owner of another company',
  'admin',
] as const;

/**
 * `+` lets in, whatever becomes of the request then; else the status of the refusal.
 *
 * `anybody`, whatever they send; `anyone`, but a token that is sent must be good; the `holder` of a session; a
 * `person` who is signed in, a `payer` where no enterprise pays for them; of those the `admin`s of the site, everybody of a verified `company`, its owner and admins
 * (`manager`), its `owner` alone; a `machine` with an API key; a `reader` with either; a buyer of the `shop`, whose refusals
 * are in the body; a payment `provider` that signs; a back `office`, asked with its site and its system in headers.
 */
const GRID = `
          visitor      other site   API key     manager     admin
               none         dead key     user        owner
                   frozen       client       member      rival
anybody      +   +   +   +   +   +   +   +   +   +   +   +   +
anyone       +  401 401 401 401  +  401  +   +   +   +   +   +
holder      401 401 401 401 401 401 401  +   +   +   +   +   +
person      401 401 401 401 401 401 401  +   +   +   +   +   +
payer       401 401 401 401 401 401 401  +  403  +   +   +   +
admin       401 401 401 401 401 401 401 403 403 403 403 403  +
company     401 401 401 401 401 401 401 403  +   +   +   +  403
manager     401 401 401 401 401 401 401 403 403  +   +   +  403
owner       401 401 401 401 401 401 401 403 403 403  +   +  403
machine     401 401 401 401 401 401  +  401 401 401 401 401 401
reader      401 401 401 401 401 401  +   +   +   +   +   +   +
shop        401 401 401 401 401 401 401  +   +   +   +   +   +
provider    400 400 400 400 400 400 400 400 400 400 400 400 400
office      401 401 401 401 401  +  401 403 403 403 403 403  +`;

const ROWS = new Map(
  GRID.split('\n').map((line) => [line.split(' ')[0] ?? '', line.trim().split(/ +/).slice(1)]),
);

export type Who =
  | 'anybody'
  | 'anyone'
  | 'holder'
  | 'person'
  | 'payer'
  | 'admin'
  | 'company'
  | 'manager'
  | 'owner'
  | 'machine'
  | 'reader'
  | 'shop'
  | 'provider'
  | 'office';

/** More of those who ask a back office, and how they are answered. */
export const AT_OFFICE = {
  'client without headers': '400',
  'client of another system': '403',
  'client that may only read': '403 where it writes',
};

/** How somebody who asks for an operation is answered: `+`, or the status of the refusal. */
export function verdictsOf(who: Who): [actor: string, verdict: string][] {
  const cells = ROWS.get(who) ?? [];
  return ACTORS.map((actor, index) => [actor, cells[index] ?? 'missing']);
}

/** Whose the object is that an operation's path or body names: to everybody else who may ask it is not there. */
export const OBJECTS: Record<string, string> = {
  getOrder: 'user',
  payOrder: 'user',
  cancelOrder: 'user',
  claimTierGift: 'user',
  updateApiKey: 'user',
  rotateApiKey: 'user',
  deleteApiKey: 'user',
  endSession: 'user',
  settleReservation: 'API key',
  releaseReservation: 'API key',
  getMemberQuota: 'owner',
  setMemberQuota: 'owner',
  setMemberRole: 'owner',
  removeMember: 'owner',
  revokeInvitation: 'owner',
  transferEnterprise: 'owner',
  adminGetVerification: 'admin',
  adminApproveVerification: 'admin',
  adminRejectVerification: 'admin',
  adminRevokeVerification: 'admin',
  adminGetUser: 'admin',
  adminSetUserStatus: 'admin',
  adminSetUserRole: 'admin',
  adminSetUserAccess: 'admin',
  getEnterprise: 'admin',
  adminGetOrder: 'admin',
  refundOrder: 'admin',
  adminDeleteClient: 'admin',
  adjustWallet: 'admin',
  grantMembership: 'admin',
  voidVoucherType: 'admin',
  issueVouchers: 'admin',
  setUserTier: 'admin',
  adminGiveStorefrontLevel: 'admin',
  adminBookStorefrontActivity: 'admin',
};

/** Operations whose path names what is nobody's: a site's own catalogue, or something that is told by its owner's papers. */
export const NOBODYS = new Set([
  'notifyPayment',
  'getPlan',
  'updatePlan',
  'adminUpdateStorefrontLevel',
  'adminDeleteStorefrontLevel',
  'getMemberType',
  'updateMemberType',
  'deleteMemberType',
  'getPackage',
  'updatePackage',
  'deletePackage',
  'setPackageStatus',
  'patchPackageStatus',
  'updateTierEquity',
  'updateTierMember',
  // Of an admin's site by its number, which another site counts for itself: test/http/tiers-*.test.ts.
  'shipTierGift',
  'takeBackCommission',
  'approveWithdrawal',
  'rejectWithdrawal',
]);

export const ACCESS: Record<string, Who> = {
  notifyPayment: 'provider',
  getPublicKey: 'anybody',
  adminRotateRsaKeys: 'admin',
  getCaptcha: 'anybody',
  signIn: 'anybody',
  refreshTokens: 'anybody',
  signOut: 'holder',
  listSessions: 'person',
  endSession: 'person',
  resetPassword: 'anybody',
  registerUser: 'anybody',
  getMe: 'person',
  updateMe: 'person',
  deleteMe: 'person',
  changePassword: 'person',
  sendEmailCode: 'anyone',
  confirmEmail: 'person',
  exportMe: 'person',
  submitRealnameVerification: 'person',
  getRealnameVerification: 'person',
  submitEnterpriseVerification: 'owner',
  getEnterpriseVerification: 'manager',
  adminListVerifications: 'admin',
  adminGetVerification: 'admin',
  adminApproveVerification: 'admin',
  adminRejectVerification: 'admin',
  adminRevokeVerification: 'admin',
  getEnterpriseProfile: 'company',
  updateEnterpriseProfile: 'manager',
  inviteMember: 'manager',
  listInvitations: 'manager',
  revokeInvitation: 'manager',
  acceptInvitation: 'person',
  listEnterpriseMembers: 'company',
  removeMember: 'manager',
  getMemberQuota: 'manager',
  setMemberQuota: 'manager',
  setMemberRole: 'manager',
  transferEnterprise: 'owner',
  listApiKeys: 'person',
  createApiKey: 'person',
  updateApiKey: 'person',
  deleteApiKey: 'person',
  rotateApiKey: 'person',
  getKeySelf: 'machine',
  adminListUsers: 'admin',
  adminGetUser: 'admin',
  adminSetUserStatus: 'admin',
  adminSetUserRole: 'admin',
  adminSetUserAccess: 'admin',
  adminListAuditLogs: 'admin',
  adminCreateClient: 'admin',
  adminListClients: 'admin',
  adminDeleteClient: 'admin',
  listEnterprises: 'admin',
  getEnterprise: 'admin',
  getStats: 'admin',
  listPlans: 'anyone',
  getPlan: 'anyone',
  createPlan: 'admin',
  updatePlan: 'admin',
  getMembership: 'person',
  subscribeToPlan: 'person',
  renewMembership: 'person',
  cancelMembership: 'payer',
  resumeMembership: 'payer',
  dropScheduledPlan: 'payer',
  listMembershipHistory: 'person',
  listOrders: 'person',
  getOrder: 'person',
  cancelOrder: 'person',
  payOrder: 'person',
  getWallet: 'payer',
  listWalletEntries: 'payer',
  topUpWallet: 'person',
  listVouchers: 'person',
  adminListOrders: 'admin',
  adminGetOrder: 'admin',
  refundOrder: 'admin',
  listPayments: 'admin',
  grantMembership: 'admin',
  createVoucherType: 'admin',
  listVoucherTypes: 'admin',
  issueVouchers: 'admin',
  voidVoucherType: 'admin',
  adjustWallet: 'admin',
  listTierOffers: 'person',
  buyTier: 'person',
  getMyTier: 'person',
  getTierInvite: 'person',
  claimTierGift: 'person',
  listRewards: 'person',
  requestWithdrawal: 'person',
  adminGetStorefrontSettings: 'admin',
  adminUpdateStorefrontSettings: 'admin',
  adminListStorefrontLevels: 'admin',
  adminCreateStorefrontLevel: 'admin',
  adminUpdateStorefrontLevel: 'admin',
  adminDeleteStorefrontLevel: 'admin',
  adminGiveStorefrontLevel: 'admin',
  adminBookStorefrontActivity: 'admin',
  createStorefrontToken: 'person',
  quoteStorefrontGoods: 'person',
  consumeTokens: 'machine',
  getQuota: 'reader',
  releaseReservation: 'machine',
  reserveTokens: 'machine',
  settleReservation: 'machine',
  getUsage: 'reader',
  listValidMemberTypes: 'office',
  listMemberTypes: 'office',
  createMemberType: 'office',
  getMemberType: 'office',
  updateMemberType: 'office',
  deleteMemberType: 'office',
  listValidPackages: 'office',
  listPackages: 'office',
  createPackage: 'office',
  getPackage: 'office',
  updatePackage: 'office',
  deletePackage: 'office',
  setPackageStatus: 'office',
  patchPackageStatus: 'office',
  listTierMembers: 'admin',
  updateTierEquity: 'admin',
  updateTierMember: 'admin',
  setUserTier: 'admin',
  listTierLogs: 'admin',
  shipTierGift: 'admin',
  getTierSettings: 'admin',
  updateTierSettings: 'admin',
  bookCommission: 'admin',
  takeBackCommission: 'admin',
  listWithdrawals: 'admin',
  approveWithdrawal: 'admin',
  rejectWithdrawal: 'admin',
  storefrontIndexIndex: 'anybody',
  storefrontIndexIndexByPost: 'anybody',
  storefrontBuyIndex: 'shop',
  storefrontBuyIndexByPost: 'shop',
  storefrontBuyCreate: 'shop',
  storefrontBuyRenew: 'shop',
  storefrontBuyPay: 'shop',
  storefrontBuyPaycheck: 'shop',
  storefrontBuyPaycheckByPost: 'shop',
  storefrontOrderIndex: 'shop',
  storefrontOrderIndexByPost: 'shop',
  storefrontOrderDetail: 'shop',
  storefrontOrderDetailByPost: 'shop',
  storefrontOrderCancel: 'shop',
  storefrontOrderDelete: 'shop',
  storefrontProfitIndex: 'shop',
  storefrontProfitIndexByPost: 'shop',
  storefrontProfitDetail: 'shop',
  storefrontProfitDetailByPost: 'shop',
  storefrontTeamIndex: 'shop',
  storefrontTeamIndexByPost: 'shop',
  storefrontTeamDetail: 'shop',
  storefrontTeamDetailByPost: 'shop',
  storefrontPosterIndex: 'shop',
  storefrontPosterIndexByPost: 'shop',
  storefrontVipIndex: 'shop',
  storefrontVipIndexByPost: 'shop',
  getHealth: 'anybody',
};
